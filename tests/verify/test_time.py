"""A run ends when its time is over, also while there is much to think about."""

from __future__ import annotations

import threading
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from tallystick.contract import read
from tallystick.verify import Plan, run
from tallystick.verify.fuzzing.watch import Watch
from tallystick.verify.server.mocked import local_mock

STEPS = 25


def think() -> None:
    with suppress(KeyboardInterrupt):
        for _ in count():
            pass


def sharing(levels: int) -> str:
    """A document with few schemas and 2 ** levels ways through them."""
    schemas = [
        f"""
    Level{n}:
      type: object
      properties:
        one: {{$ref: '#/components/schemas/Level{n + 1}'}}
        two: {{$ref: '#/components/schemas/Level{n + 1}'}}
        note: {{type: string, example: hello}}"""
        for n in range(levels)
    ]
    return f"""
openapi: 3.1.0
info: {{title: Tree, version: '1'}}
paths:
  /trees:
    post:
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/Level0'}}}}}}
      responses: {{'204': {{description: Planted.}}, '422': {{description: No.}}}}
components:
  schemas:{"".join(schemas)}
    Level{levels}: {{type: object, properties: {{note: {{type: string, example: hello}}}}}}
"""


@pytest.mark.parametrize("early", [True, False])
def test_what_never_ends_is_interrupted(early: bool) -> None:
    stopped = threading.Event()
    with Watch(None if early else 0.0, stopped.set) as watch:
        thread = threading.Thread(target=think, name="schemathesis_unit_tests_0", daemon=True)
        thread.start()
        if early:
            watch.stop()
        thread.join()
    assert stopped.is_set()


def test_threads_of_others_are_left_alone() -> None:
    over, went_on = threading.Event(), threading.Event()

    def wait() -> None:
        over.wait()
        went_on.set()

    other = threading.Thread(target=wait, name="schemathesis_unit_tests_0", daemon=True)
    other.start()
    with Watch(0.0, lambda: None):
        mine = threading.Thread(target=think, name="schemathesis_unit_tests_1", daemon=True)
        mine.start()
        mine.join()
    over.set()
    other.join()
    assert went_on.is_set()


ASKED = """
openapi: 3.1.0
info: {title: Pages, version: '1'}
paths:
  /pages:
    post:
      requestBody:
        content:
          application/json:
            schema: {oneOf: [{$ref: '#/components/schemas/Next'}, {$ref: '#/components/schemas/First'}]}
            example: {cursor: abc}
      responses: {'204': {description: Turned.}, '422': {description: No.}}
components:
  schemas:
    Next: {properties: {cursor: {type: string, example: abc}}}
    First: {properties: {limit: {type: integer, minimum: 1}, until: {type: string, format: date-time}}}
"""


def test_examples_are_left_out_where_alternatives_overlap(tmp_path: Path) -> None:
    document = tmp_path / "pages.yaml"
    document.write_text(ASKED)
    contract = read(document, name="pages")
    plan = Plan(max_examples=1)
    result = run(contract, local_mock(contract, None, plan), plan)
    said = [p.reason for p in result.problems if p.subject == "POST /pages"]
    assert "alternatives of its body overlap, so examples inside of it are left out" in said
    assert result.cases and result.clean, result.failures


def test_a_body_of_many_ways_is_tried_without_the_examples_inside(tmp_path: Path) -> None:
    document = tmp_path / "tree.yaml"
    document.write_text(sharing(STEPS))
    contract = read(document, name="tree")
    plan = Plan(phases=("examples", "walks"), max_examples=1)
    result = run(contract, local_mock(contract, None, plan), plan)
    said = [p.reason for p in result.problems if p.subject == "POST /trees"]
    assert "its body has more than 2,000 places, so examples inside of it are left out" in said
    assert result.cases and result.clean
