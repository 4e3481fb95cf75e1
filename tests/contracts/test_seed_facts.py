"""The contracts say what the seeds say, and editing any of it is noticed."""

import copy
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tallystick import contract, load
from tallystick.lint import provenance
from tallystick.lint.provenance import Standing
from tallystick.load.pointer import NoSuchMember, get, split
from tallystick.resolve import grammar

HERE = Path(__file__).parent
SPEC = HERE.parents[1] / "spec"
FACTS: dict[str, dict[str, Any]] = json.loads((HERE / "seed_facts.json").read_text())
COVERED = {
    "ivy": ("seed-data-session-create", "seed-checkout-session-expire"),
    "ivy-legacy": ("seed-data-sessions-guide",),
    "worldline": ("seed-create-session",),
}
SOURCES = [(name, code) for name, codes in COVERED.items() for code in codes]


def script():
    found = importlib.util.spec_from_file_location("seed_facts", HERE / "seed_facts.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


SEEDS = script().SEEDS


class Source:
    """A seed beside the contract that covers it."""

    def __init__(self, name: str, code: str) -> None:
        api = contract.read(SPEC / name / "openapi.yaml", name=name, root=SPEC)
        self.document: Any = api.document
        self.facts = FACTS[self.document["x-provenance"][code]["file"]]
        self.places: Any = load.read(SPEC / name / "provenance.yaml").data
        self.code = code

    def standings(self) -> tuple[Standing, ...]:
        return provenance.standings(self.document, self.facts, self.places[self.code])

    def standing(self, document: Any, fact: str) -> Standing:
        wanted = {name: v for name, v in self.facts.items() if name == fact or name.endswith(" operation")}
        return next(s for s in provenance.standings(document, wanted, self.places[self.code]) if s.fact == fact)


@pytest.fixture(scope="module", params=SOURCES, ids=[code for _, code in SOURCES])
def source(request) -> Source:
    return Source(*request.param)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed pages are not beside the checkout")
def test_the_data_file_is_what_the_pages_say():
    module = script()
    assert module.rendered(module.read(SEEDS)) == module.FACTS.read_text()


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed pages are not beside the checkout")
def test_no_description_has_six_words_in_a_row_from_a_seed(source):
    theirs = {run for page in SEEDS.glob("*.txt") for run in runs_of_words(page.read_text())}
    told = [(p, node) for p, _, node in grammar.walk(grammar.ROOT, source.document) if isinstance(node, dict)]
    texts = [(p, str(node[key])) for p, node in told for key in ("description", "summary") if key in node]
    assert [(p, run) for p, text in texts for run in runs_of_words(text) if run in theirs] == []


def runs_of_words(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z']+", text.lower())
    return zip(*(words[start:] for start in range(6)), strict=False)


def test_every_seed_is_covered_by_one_contract():
    files = []
    for name, codes in COVERED.items():
        legend = contract.read(SPEC / name / "openapi.yaml", name=name, root=SPEC).document["x-provenance"]
        assert set(load.read(SPEC / name / "provenance.yaml").data) == set(codes)
        files += [legend[code]["file"] for code in codes]
    assert sorted(files) == sorted(FACTS)


def test_every_fact_of_the_seed_stands_in_the_contract(source):
    assert [(s.fact, s.value, s.pointer, s.said) for s in source.standings() if not s.agrees] == []


def test_every_fact_names_its_place(source):
    assert [s.fact for s in source.standings() if not s.pointer] == []


def test_places_are_given_only_where_they_are_needed(source):
    places = source.places[source.code]
    derived = provenance.standings(source.document, source.facts, {})
    assert [s.fact for s in derived if s.fact in places and s.agrees] == []
    assert [name for name, place in places.items() if ("says" in place) != ("because" in place)] == []


def test_the_market_list_is_the_seeds_own(source):
    lists = [value for name, value in source.facts.items() if name.endswith("enum") and len(value) == 250]
    market = load.read(SPEC / "common" / "schemas" / "Market.yaml").data["enum"]
    assert all(value == market for value in lists)


def test_editing_any_fact_in_the_contract_is_reported(source):
    unnoticed = []
    for standing in source.standings():
        for edit, value in edits(source.document, standing):
            changed = edited(source.document, standing.pointer, value)
            if source.standing(changed, standing.fact).agrees:
                unnoticed.append((standing.fact, standing.pointer, edit))
    assert unnoticed == []


REMOVED = object()


def edits(document: Any, standing: Standing) -> Iterator[tuple[str, Any]]:
    """Yield each way to change what stands at the place of a fact, with what stands there then."""
    name = standing.fact.split(" ")[0].split(".")[-1]
    if standing.fact.endswith(" required") and name != "security":
        names = get(document, standing.pointer) if standing.value else listed(document, standing.pointer)
        yield "requiredness", [n for n in names if n != name] if name in names else [*names, name]
        return
    yield "removed", REMOVED
    node = get(document, standing.pointer)
    if isinstance(node, bool):
        yield "negated", not node
    elif isinstance(node, int):
        yield from [("raised", node + 1), ("lowered", node - 1)]
    elif isinstance(node, str):
        yield "reworded", "other"
    elif isinstance(node, list) and standing.fact.endswith("enum"):
        yield from [("shortened", node[:-1]), ("lengthened", [*node, "other"])]
        if len(node) > 1:
            yield "reordered", node[::-1]


def listed(document: Any, pointer: str) -> list[str]:
    try:
        names = get(document, pointer)
    except NoSuchMember:
        return []
    assert isinstance(names, list)
    return names


def edited(document: Any, pointer: str, value: Any) -> Any:
    changed = copy.deepcopy(document)
    *above, last = split(pointer)
    holder = changed
    for token in above:
        holder = holder[int(token)] if isinstance(holder, list) else holder[token]
    key = int(last) if isinstance(holder, list) else last
    if value is REMOVED:
        del holder[key]
    else:
        holder[key] = value
    return changed
