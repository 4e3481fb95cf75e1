"""Faults that few requests show are found, each by the check that is for it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tallystick import verify
from tallystick.contract import Contract, Schema
from tallystick.errors import UsageError
from tallystick.settings import find
from tallystick.verify.data.adapt import Adapter, Fresh
from tallystick.verify.data.breaches import breaches
from tallystick.verify.data.variants import filled, leaves, variants
from tallystick.verify.facts.resource import lost
from tallystick.verify.faults import derive
from tallystick.verify.prove import bench

PLAN = verify.Plan(max_examples=1, first_only=True, phases=("examples", "walks"))


@pytest.mark.parametrize(
    ("name", "kind", "check"),
    [
        ("worldline", "other-charset", "strict_json"),
        ("worldline", "credential-shown", "no_secret_shown"),
        ("worldline", "inside-shown", "no_inside_shown"),
        ("worldline", "weak-digest-accepted", "authentication"),
        ("worldline", "date-in-any-zone", "authentication"),
        ("worldline", "error-id-repeated", "authentication"),
        ("worldline", "empty-list-refused", "values"),
        ("worldline", "letter-case-of-key-ignored", "idempotency"),
        ("worldline", "key-good-in-every-place", "idempotency"),
        ("worldline", "mark-in-seconds", "idempotency"),
        ("worldline", "secret-key-counts-up", "identity"),
        ("ivy-legacy", "key-taken-anywhere", "authentication"),
        ("ivy-legacy", "letters-mangled", "echo"),
        ("ivy-legacy", "other-letters-refused", "values"),
        ("ivy-legacy", "items-turned-round", "values"),
        ("ivy-legacy", "value-kept-by-refusal", "uniqueness"),
        ("ivy-legacy", "start-of-value-compared", "values"),
        ("ivy-legacy", "webhook-state-stale", "webhooks"),
        ("ivy-legacy", "webhook-elsewhere", "webhooks"),
        ("ivy-legacy", "webhook-encoded", "webhooks"),
        ("ivy-legacy", "webhook-of-another", "webhooks"),
        ("ivy-legacy", "written-lost-by-move", "lifecycle"),
        ("ivy", "unknown-key-is-the-newest", "key_shown"),
        ("ivy", "fraction-refused", "values"),
        ("ivy-legacy", "shortest-text-refused", "values"),
        ("ivy-legacy", "names-in-any-letter-case", "constraints"),
        ("ivy", "conflict-as-another-of-its-status", "lifecycle"),
        ("ivy", "strange-key-fails", "not_a_server_error"),
        ("ivy-legacy", "allow-missing", "methods"),
        ("ivy-legacy", "allow-wrong", "allow_names_methods"),
        ("worldline", "method-answered", "methods"),
        ("ivy-legacy", "earlier-value-forgotten", "uniqueness"),
        ("worldline", "earlier-key-forgotten", "idempotency"),
        ("ivy-legacy", "listed-credentials-accepted", "authentication"),
        ("ivy-legacy", "asterisk-accepted", "authentication"),
        ("ivy-legacy", "blank-credentials-accepted", "authentication"),
        ("ivy-legacy", "other-type-let-in", "authentication"),
        ("ivy-legacy", "deep-body-fails", "not_a_server_error"),
        ("ivy", "endless-number-fails", "not_a_server_error"),
        ("ivy-legacy", "repeated-parameter-fails", "not_a_server_error"),
    ],
)
def test_a_subtle_fault_is_found(contract: Callable[[str], Contract], name: str, kind: str, check: str) -> None:
    described, document = contract(name), find(name)
    fault = next(f for f in derive(bench(described, document.folder, PLAN)) if f.kind == kind)
    mock = verify.local_mock(described, document.folder, PLAN)
    result = verify.run(described, replace(mock, app=fault.layer(mock.app)), PLAN, folder=document.folder)
    assert {failure.check for failure in result.failures} == {check}


def schema(data: dict) -> Schema:
    return Schema.at({"a": data}, "/a")


PERSON = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "tags": {"type": "array", "items": {"type": "string"}},
        "home": {"type": "object", "properties": {"city": {"type": "string"}}},
        "notes": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


@pytest.mark.parametrize(
    ("sent", "got", "pointers"),
    [
        ({"home": {"city": "Kiel"}}, {"home": {}}, ["/home/city"]),
        ({"home": {"other": 1}}, {"home": {}}, []),  # the answer has no place for it
        ({"notes": {"a": "b"}}, {"notes": {}}, ["/notes/a"]),
        ({"name": "Ann"}, {"name": "Ann"}, []),
    ],
)
def test_members_that_are_lost_inside(sent: dict, got: dict, pointers: list[str]) -> None:
    assert list(lost(sent, got, schema(PERSON))) == pointers


def test_variants_are_allowed_and_differ() -> None:
    text = schema({"type": "string", "maxLength": 5})
    found = variants(text, "abc", lambda _, value: isinstance(value, str) and len(value) <= 5)
    assert "" in found and "x" * 5 in found and "abc" not in found
    assert any(not value.isascii() for value in found)
    assert variants(schema({"enum": ["a", "b"]}), "a", lambda s, v: v in s.data["enum"]) == ["b"]


def test_moments_within_a_second_stay_so(contract: Callable[[str], Contract]) -> None:
    ivy = contract("ivy")
    adapter = Adapter(ivy, Fresh(1), lambda: 1_800_000_000.3)
    create = ivy.by_id["createDataSession"]
    assert adapter.body(create, {"createdAt": 1.005, "expiresAt": 7}) == {
        "createdAt": 1_800_000_000.5,
        "expiresAt": 1_800_003_600.5,
    }
    whole = adapter.body(create, {"createdAt": 1.0})
    assert isinstance(whole, dict) and repr(whole["createdAt"]) == "1800000000"


def test_every_described_place_is_filled() -> None:
    body = filled(schema(PERSON))
    assert [pointer for pointer, _, _ in leaves(schema(PERSON), body)] == [
        *("/name", "/tags", "/tags/0", "/home", "/home/city", "/notes"),
    ]


def test_breaches_of_every_kind_of_rule() -> None:
    words = {what for what, _ in breaches(schema(PERSON), {"name": "Ann"})}
    assert {"is null", "is of another type", "has an unknown member", "lacks name"} <= words
    texts = dict(breaches(schema({"type": "string", "maxLength": 2, "enum": ["DE"]}), "DE"))
    assert texts["is longer than 2"] == "yyy" and texts["is in other letter case"] == "de"
    numbers = dict(breaches(schema({"type": "number", "minimum": 0.01}), 1))
    assert numbers["is a little less than 0.01"] == 0.005 and numbers["is of another type"] == "1"


def test_a_time_limit_before_the_first_request_is_said(contract: Callable[[str], Contract]) -> None:
    described, document = contract("worldline"), find("worldline")
    plan = verify.Plan(max_time=0.000001)
    mock = verify.local_mock(described, document.folder, plan)
    with pytest.raises(UsageError, match="the time limit of 1e-06 s is reached"):
        verify.run(described, mock, plan, folder=document.folder)
