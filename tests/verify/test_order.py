"""What one request shows is tried before sequences, in turns that lose nothing, and is noted when it is seen."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from tallystick import verify
from tallystick.contract import Contract
from tallystick.settings import find
from tallystick.verify.data.samples import Sample
from tallystick.verify.faults import derive
from tallystick.verify.fuzzing import engine
from tallystick.verify.fuzzing.turns import Turns
from tallystick.verify.prove import bench
from tallystick.verify.session import Session

PLAN = verify.Plan(max_examples=1, phases=("examples", "coverage", "walks"))


@pytest.fixture
def session(contract: Callable[[str], Contract]) -> Callable[[str], Session]:
    def named(name: str) -> Session:
        described, document = contract(name), find(name)
        return Session(described, verify.local_mock(described, document.folder, PLAN), PLAN, folder=document.folder)

    return named


def test_phases_and_walks_come_in_order(contract: Callable[[str], Contract]) -> None:
    described, document = contract("worldline"), find("worldline")
    told: list[tuple[str, str]] = []
    result = verify.run(
        described,
        verify.local_mock(described, document.folder, PLAN),
        PLAN,
        folder=document.folder,
        progress=lambda phase, subject, _: told.append((phase, subject)),
    )
    assert result.clean
    assert [phase for phase, _ in groupby(phase for phase, _ in told)] == [
        *("examples", "coverage", "walks", "coverage"),
    ]
    walks = list(dict.fromkeys(subject.partition(":")[0] for phase, subject in told if phase == "walks"))
    assert walks[:4] == ["authentication", "methods", "constraints", "negotiation"]
    assert walks.index("values") < min(map(walks.index, ("lifecycle", "idempotency", "identity")))


def sent(case: Any) -> tuple[str, ...]:
    parts = (case.path_parameters, case.query, dict(case.headers or {}), case.cookies, case.body, case.media_type)
    return (case.method, case.operation.path, *map(repr, parts), case.meta.phase.data.description)


def coverage_of(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        settings = schema.config.generation_for(operation=operation, phase="coverage")
        yield from schema.iter_coverage_cases(operation, generation_modes=settings.modes, generation_config=settings)


@pytest.mark.parametrize("name", ["worldline", "ivy-legacy"])
def test_two_turns_send_what_one_would(session: Callable[[str], Session], name: str) -> None:
    whole = Counter(map(sent, coverage_of(engine.build_schema(session(name), ("coverage",)))))
    schema = engine.build_schema(session(name), ("coverage",))
    operations = len(list(schema.get_all_operations()))
    turns = Turns(schema, operations)
    first = Counter(map(sent, coverage_of(turns.schema)))
    rest = Counter(map(sent, coverage_of(turns.schema)))
    assert first + rest == whole
    assert operations <= first.total() <= 8 * operations
    assert len({description for *_, description in first}) > 3


def test_many_operations_have_one_case_each_at_first(session: Callable[[str], Session]) -> None:
    turns = Turns(engine.build_schema(session("ivy-legacy"), ("coverage",)), 500)
    assert [case.operation.path for case in coverage_of(turns.schema)] == [
        "/api/service/data/session/create",
        "/api/service/data/session/retrieve",
    ]


def test_a_failure_is_noted_when_it_is_seen(contract: Callable[[str], Contract]) -> None:
    described, document = contract("worldline"), find("worldline")
    plan = replace(PLAN, phases=("coverage",), first_only=True)
    fault = next(f for f in derive(bench(described, document.folder, plan)) if f.kind == "empty-list-refused")
    mock = verify.local_mock(described, document.folder, plan)
    result = verify.run(described, replace(mock, app=fault.layer(mock.app)), plan, folder=document.folder)
    assert result.stopped == "one failure is enough"
    assert result.cases < 8  # the operation has more than a hundred
    assert [failure.phase for failure in result.failures] == ["coverage"] * len(result.failures) != []
    assert all(failure.steps[0].status == 400 for failure in result.failures)


def test_made_up_requests_take_the_place_of_no_example(session: Callable[[str], Session]) -> None:
    mine = session("ivy-legacy")
    create = mine.contract.by_id["createDataSession"]
    engine.run(mine, ("examples",))
    known = mine.samples.fullest(create)
    engine.Coverage(mine).begin()
    assert isinstance(known, Sample) and mine.samples.fullest(create) == known
    blank = session("ivy-legacy")
    engine.Coverage(blank).begin()
    assert blank.samples.first(create) is not None
