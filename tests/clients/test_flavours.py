"""The same client over every flavour of models: the same requests, the same answers, no other library."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import httpx2
import pytest
import yaml

from tallystick.emit.models import Flavour

from .conftest import Shop, document, generate, importable, operation
from .test_wire_parameters import HEADERS, PATHS, QUERIES

FLAVOURS: tuple[Flavour, ...] = get_args(Flavour)
TEXT = {"type": "string"}
SECRET = {"type": "string", "x-sensitive": True}


def ref(name: str) -> Any:
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(properties: Any, *required: str, **more: Any) -> Any:
    return {"type": "object", "properties": properties, "required": list(required), **more}


SCHEMAS = {
    "Card": an_object({"type": {"const": "card"}, "number": SECRET}, "type", "number"),
    "Bank": an_object({"type": {"const": "bank"}, "iban": TEXT}, "type", "iban"),
    "Source": {"oneOf": [ref("Card"), ref("Bank")], "discriminator": {"propertyName": "type"}},
    "Cat": an_object({"lives": {"type": "integer"}, "name": TEXT}),
    "Dog": an_object({"barks": {"type": "boolean"}, "name": TEXT}),
    "Pet": {"anyOf": [ref("Cat"), ref("Dog")]},
    "Status": {"type": "string", "enum": ["open", "closed"], "x-open-enum": True},
    "Tree": {"anyOf": [ref("Leaf"), {"type": "array", "items": ref("Tree")}]},
    "Leaf": an_object({"leaf": {"type": "integer"}}, "leaf"),
    "Thing": an_object(
        {
            "id": {**TEXT, "readOnly": True},
            "name": TEXT,
            "note": {"type": ["string", "null"]},
            "status": ref("Status"),
            "source": ref("Source"),
            "pet": ref("Pet"),
            "tree": ref("Tree"),
            "parent": ref("Thing"),
            "unitPrice": {"type": "number", "format": "decimal"},
            "total": {"type": "string", "format": "decimal"},
            "when": {"type": "string", "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "lasts": {"type": "string", "format": "duration"},
            "key": {"type": "string", "format": "uuid"},
            "either": {"type": ["string", "integer"]},
            "pair": {"prefixItems": [TEXT, {"type": "integer"}], "items": False},
            "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
            "anything": True,
            "currency": {**TEXT, "default": "EUR"},
            "pin": SECRET,
            "class": TEXT,
        },
        "id",
        "name",
    ),
    "Note": an_object({"words": {**TEXT, "maxLength": 8}}),
    "Problem": an_object({"code": TEXT, "detail": TEXT, "card": SECRET}, "code"),
    "Page": an_object({"data": {"type": "array", "items": ref("Leaf")}, "nextCursor": {"type": ["string", "null"]}}),
    "Paid": an_object({"type": {"const": "paid"}, "leaf": ref("Leaf")}, "type", "leaf"),
}
FORM = an_object(
    {
        "name": TEXT,
        "csv": {"type": "array", "items": TEXT},
        "deep": an_object({"a": {"type": "integer"}}),
        "meta": an_object({"b": TEXT}),
    },
    "name",
)
UPLOAD = an_object(
    {
        "file": {**TEXT, "format": "binary"},
        "title": TEXT,
        "meta": ref("Leaf"),
        "more": {"type": "array", "items": TEXT},
    },
    "file",
)
STYLES = {"csv": {"style": "form", "explode": False}, "deep": {"style": "deepObject", "explode": True}}


def content(schema: Any, media: str = "application/json", **more: Any) -> Any:
    return {"content": {media: {"schema": schema, **more}}}


def answer(schema: Any, media: str = "application/json", **more: Any) -> Any:
    return {"description": "", **content(schema, media), **more}


def sends(id_: str, schema: Any, media: str = "application/json", **more: Any) -> Any:
    return {"post": operation(operationId=id_, requestBody={"required": True, **content(schema, media, **more)})}


def gives(id_: str, **responses: Any) -> Any:
    return {"get": operation(operationId=id_, responses={name.lstrip("_"): one for name, one in responses.items()})}


def parameters() -> Any:
    """One operation for every row of the tables of parameter styles."""
    paths = {}
    for place, rows in (("query", QUERIES), ("path", PATHS), ("header", HEADERS)):
        for number, row in enumerate(rows):
            schema, more, _, _ = row.values
            own = {"name": "p", "in": place, "required": place == "path", "schema": schema, **more}
            path = f"/{place}/{number}" + ("/{p}/end" if place == "path" else "")
            paths[path] = {"get": operation(operationId=f"{place}{number}", parameters=[own])}
    return paths


LISTING = operation(
    operationId="listLeaves",
    tags=["leaves"],
    parameters=[{"name": "cursor", "in": "query", "schema": TEXT}],
    responses={"200": answer(ref("Page"))},
)
PATHS_OF_ALL = {
    **parameters(),
    "/send": sends("send", ref("Thing")),
    "/list": sends("many", {"type": "array", "items": ref("Leaf")}),
    "/source": sends("union", ref("Source")),
    "/form": sends("form", FORM, "application/x-www-form-urlencoded", encoding=STYLES),
    "/upload": sends("upload", UPLOAD, "multipart/form-data"),
    "/remark": sends("remark", an_object({"note": ref("Note")})),
    "/text": sends("text", TEXT, "text/plain"),
    "/thing": gives(
        "read",
        _200=answer(ref("Thing"), headers={"X-Left": {"schema": {"type": "integer"}}}),
        _202=answer({"type": "integer"}),
        _204={"description": ""},
        _409=answer(ref("Problem")),
        default=answer(ref("Problem")),
    ),
    "/pets": gives("pets", _200=answer({"type": "array", "items": ref("Pet")})),
    "/image": gives("image", _200=answer({**TEXT, "format": "binary"}, "image/png")),
    "/events": gives("events", _200=answer(TEXT, "text/event-stream")),
    "/leaves": {"get": LISTING},
    "/old": {"get": operation(operationId="old", deprecated=True)},
}
HOOK = {"post": operation(operationId="paid", requestBody={"required": True, **content(ref("Paid"))})}
DOCUMENT = document(PATHS_OF_ALL, components={"schemas": SCHEMAS}, webhooks={"paid": HOOK})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = tmp_path_factory.mktemp("flavours")
    with importable(found):
        yield found


@pytest.fixture(scope="module", params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> Flavour:
    return request.param


@pytest.fixture(scope="module")
def shop(folder: Path, flavour: Flavour) -> Shop:
    return generate(folder, DOCUMENT, f"shop_{flavour}", flavour)


def models(shop: Shop) -> Any:
    return importlib.import_module(f"{shop.plan.package}.models")


def at(value: Any, *way: str) -> Any:
    """Follow members, as attributes or as keys of dicts."""
    for name in way:
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value


def data(value: Any) -> Any:
    return value if isinstance(value, dict) else value.to_dict()


def sent(shop: Shop) -> Any:
    return json.loads(shop.recorder.last.content)


def text(flavour: Flavour, value: Any) -> Any:
    """What a value is where values stay what JSON says."""
    return str(value) if flavour == "typeddict" else value


# -- requests ---


def rows(place: str, table: list[Any]) -> list[Any]:
    return [
        pytest.param(f"{place}{i}", row.values[2], row.values[3], id=f"{place} {row.id}")
        for i, row in enumerate(table)
    ]


@pytest.mark.parametrize(("name", "value", "expected"), [*rows("query", QUERIES), *rows("path", PATHS)])
def test_parameters_in_the_address(shop: Shop, flavour: Flavour, name: str, value: Any, expected: str) -> None:
    shop.both(lambda client: getattr(client.things, name)(p=value))
    expected = expected.replace("PT1H", "PT3600S") if flavour == "msgspec" else expected  # the same duration
    place, number = name.rstrip("0123456789"), name.lstrip("querypath")
    assert shop.recorder.target == f"/{place}/{number}" + (f"?{expected}" if place == "query" else f"/{expected}/end")
    if place == "query":
        shop.both(lambda client: getattr(client.things, name)())
        assert shop.recorder.target == f"/query/{number}"


@pytest.mark.parametrize(("name", "value", "expected"), rows("header", HEADERS))
def test_parameters_in_headers(shop: Shop, name: str, value: Any, expected: str) -> None:
    shop.both(lambda client: getattr(client.things, name)(p=value))
    assert shop.recorder.last.headers["p"] == expected


def test_absent_differs_from_null_at_every_depth(shop: Shop, flavour: Flavour) -> None:
    known = models(shop)
    kind = getattr(known, "ThingRequest", None) or known.Thing
    shop.both(lambda client: client.things.send(name="n", note=None, class_="c", parent=kind(name="p", note=None)))
    assert sent(shop) == {"name": "n", "note": None, "class": "c", "parent": {"name": "p", "note": None}}
    shop.both(lambda client: client.things.send(name="n", parent=kind(name="p")))
    assert sent(shop) == {"name": "n", "parent": {"name": "p"}}  # and no default that nobody has set


def test_values_are_written_as_the_contract_says(shop: Shop, flavour: Flavour) -> None:
    known = models(shop)
    moment = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    key = UUID("0b8cd2f9-93a4-4d6a-9b57-4f1f0a3f7b1c")
    shop.both(
        lambda client: client.things.send(
            name="n",
            unit_price=0.1 if flavour == "typeddict" else Decimal("0.1"),
            total=text(flavour, Decimal("1.10")),
            when=moment.isoformat().replace("+00:00", "Z") if flavour == "typeddict" else moment,
            day=text(flavour, date(2030, 1, 2)),
            lasts="PT60S" if flavour == "typeddict" else timedelta(seconds=60),
            key=text(flavour, key),
            either=5,
            pair=("a", 1),
            labels={"x": 1},
            anything=[{"y": 0.5}, None],
            source=known.Bank(type="bank", iban="DE1"),
            tree=[known.Leaf(leaf=1), [known.Leaf(leaf=2)]],
        )
    )
    lasts = sent(shop).pop("lasts")
    assert lasts in ("PT60S", "PT1M")
    assert sent(shop) == {
        "name": "n",
        "unitPrice": 0.1,
        "total": "1.10",
        "when": "2030-01-02T03:04:05Z",
        "day": "2030-01-02",
        "lasts": lasts,
        "key": str(key),
        "either": 5,
        "pair": ["a", 1],
        "labels": {"x": 1},
        "anything": [{"y": 0.5}, None],
        "source": {"type": "bank", "iban": "DE1"},
        "tree": [{"leaf": 1}, [{"leaf": 2}]],
    }


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"labels": {"x": "n5551234"}}, "labels"),
        ({"pair": ("n5551234", "n5551234")}, "pair.1"),
        ({"status": 5551234}, "status"),
        ({"tree": [["n5551234"]]}, "tree"),
    ],
)
def test_a_wrong_argument_is_named_and_its_value_is_not(shop: Shop, wrong: Any, place: str) -> None:
    shop.recorder.requests.clear()
    with pytest.raises(shop.module.RequestValidationError) as caught:
        shop.sync.things.send(name="n", **wrong)
    assert place in str(caught.value)
    assert "5551234" not in str(caught.value)
    assert not shop.recorder.requests


def test_a_member_the_contract_does_not_list_is_refused_in_what_is_only_sent(shop: Shop, flavour: Flavour) -> None:
    note = {"words": "hello", "wrods": "?"}
    with pytest.raises((shop.module.RequestValidationError, TypeError, ValueError), match="wrods"):
        shop.sync.things.remark(note=note if flavour != "dataclass" else models(shop).Note(**note))


def test_limits_of_what_is_sent(shop: Shop, flavour: Flavour) -> None:
    def call(client: Any) -> Any:
        return client.things.remark(note=models(shop).Note(words="n5551234 and more"))

    if flavour in ("dataclass", "typeddict"):  # which leave them to the server
        shop.both(call)
        return
    with pytest.raises(ValueError if flavour == "pydantic" else shop.module.RequestValidationError) as caught:
        call(shop.sync)
    assert "words" in str(caught.value) and "5551234" not in str(caught.value)


def test_bodies_that_are_no_object(shop: Shop) -> None:
    leaf = models(shop).Leaf
    shop.both(lambda client: client.things.many(body=(leaf(leaf=1), leaf(leaf=2))))
    assert sent(shop) == [{"leaf": 1}, {"leaf": 2}]
    shop.both(lambda client: client.things.union(body=models(shop).Card(type="card", number="4")))
    assert sent(shop) == {"type": "card", "number": "4"}


def test_forms_files_and_text(shop: Shop) -> None:
    known = models(shop)
    deep = next(getattr(known, n) for n in dir(known) if n.endswith("Deep"))
    meta = next(getattr(known, n) for n in dir(known) if n.endswith("BodyMeta"))
    shop.both(lambda c: c.things.form(name="a b", csv=["1", "2"], deep=deep(a=1), meta=meta(b="c")))
    assert shop.recorder.last.content == b"name=a%20b&csv=1,2&deep%5Ba%5D=1&meta=%7B%22b%22%3A%22c%22%7D"
    shop.both(
        lambda c: c.things.upload(file=("a.png", b"\x89PNG"), title="\xe9", meta=known.Leaf(leaf=1), more=["x"])
    )
    body = shop.recorder.last.content
    assert b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in body
    assert b'name="meta"\r\nContent-Type: application/json\r\n\r\n{"leaf":1}' in body
    assert 'name="title"\r\n\r\n\xe9'.encode() in body and b'name="more"\r\n\r\nx' in body
    shop.both(lambda c: c.things.text(body="h\xe9"))
    assert shop.recorder.last.content == "h\xe9".encode()


# -- answers ---

THING = {
    "id": "1",
    "name": "n",
    "note": None,
    "status": "paused",
    "source": {"type": "card", "number": "4111"},
    "unitPrice": 0.1,
    "total": "1.10",
    "when": "2030-01-02T03:04:05Z",
    "key": "0b8cd2f9-93a4-4d6a-9b57-4f1f0a3f7b1c",
    "pair": ["a", 1],
    "tree": [{"leaf": 1}, [{"leaf": 2}]],
    "anything": {"y": [0.5]},
    "pin": "1234",
}


def read(shop: Shop, **changes: Any) -> Any:
    return shop.both(lambda client: client.things.read(), httpx2.Response(200, json={**THING, **changes}))


def test_answers_are_typed(shop: Shop, flavour: Flavour) -> None:
    thing = read(shop)
    known = models(shop)
    assert (at(thing, "status"), at(thing, "source", "number"), at(thing, "pair")) == ("paused", "4111", ("a", 1))
    if flavour == "typeddict":
        assert thing == {**THING, "pair": ("a", 1)}
        return
    assert type(thing) is known.Thing and type(thing.source) is known.Card
    assert (type(thing.tree[0]), type(thing.tree[1][0])) == (known.Leaf, known.Leaf)
    assert (thing.unit_price, thing.total) == (Decimal("0.1"), Decimal("1.10"))
    assert thing.when == datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC) and thing.key == UUID(THING["key"])
    assert thing.to_dict() == THING
    assert json.loads(thing.to_json()) == THING


def test_what_was_not_sent_is_told_from_null(shop: Shop, flavour: Flavour) -> None:
    assert data(read(shop))["note"] is None
    thing = shop.both(lambda client: client.things.read(), httpx2.Response(200, json={"id": "1", "name": "n"}))
    assert data(thing) == {"id": "1", "name": "n"}
    if flavour in ("msgspec", "dataclass"):
        assert thing.note is shop.module.MISSING and thing.parent is shop.module.MISSING
        shop.both(lambda client: client.things.send(name="n", note=thing.note))
        assert sent(shop) == {"name": "n"}


def test_answers_survive_what_the_contract_does_not_know_yet(shop: Shop, flavour: Flavour) -> None:
    thing = read(shop, later={"kept": [1]}, source={"type": "coin", "coins": 3}, parent={**THING, "new": True})
    assert at(thing, "source")["coins"] == 3
    assert data(thing)["source"] == {"type": "coin", "coins": 3}
    if flavour == "msgspec":  # which has no place for them
        assert "later" not in thing.to_dict()
    else:
        assert data(thing)["later"] == {"kept": [1]} and data(thing)["parent"]["new"] is True
    if flavour in ("pydantic", "dataclass"):
        assert thing.model_extra == {"later": {"kept": [1]}}


def test_classes_that_overlap_are_told_apart_by_what_is_there(shop: Shop, flavour: Flavour) -> None:
    found = [{"name": "a", "barks": True}, {"name": "b", "lives": 9}]
    pets = shop.both(lambda client: client.things.pets(), httpx2.Response(200, json=found))
    assert [data(pet) for pet in pets] == found
    if flavour != "typeddict":
        assert [type(pet).__name__ for pet in pets] == ["Dog", "Cat"]


def test_strictness_is_one_argument(shop: Shop) -> None:
    shop.recorder.answers = [httpx2.Response(200, json={**THING, "parent": {"id": "2", "name": "p", "new": 1}})]
    with pytest.raises(shop.module.ResponseValidationError, match=r"parent\.new"):
        shop.sync.things.read.with_options(strict=True)()
    assert at(shop.sync.things.read(), "parent", "name") == "p"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"id": 5551234}, "id"),
        ({"source": {"type": "card", "number": 5551234}}, "source.number"),
        ({"pair": ["n5551234"]}, "pair"),
        ({"tree": [[{"leaf": "n5551234"}]]}, "tree"),
        ({"labels": {"x": "n5551234"}}, "labels"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_an_error_that_shows_no_value(
    shop: Shop, wrong: Any, place: str
) -> None:
    shop.recorder.answers = [httpx2.Response(200, json={**THING, **wrong})]
    with pytest.raises(shop.module.ResponseValidationError) as caught:
        shop.sync.things.read()
    assert place in str(caught.value).replace("source.card.", "source.")
    assert "5551234" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"id": NaN, "name": "n"}'])
def test_an_answer_that_is_no_json_is_an_error_of_the_client(shop: Shop, body: bytes) -> None:
    shop.recorder.answers = [httpx2.Response(200, content=body)]
    with pytest.raises(shop.module.ResponseValidationError):
        shop.sync.things.read()


def test_other_answers(shop: Shop) -> None:
    assert shop.both(lambda c: c.things.read(), httpx2.Response(202, json=5)) == 5
    assert shop.both(lambda c: c.things.read(), httpx2.Response(204)) is None
    assert shop.both(lambda c: c.things.image(), httpx2.Response(200, content=b"\x89")) == b"\x89"
    shop.recorder.answers = [httpx2.Response(200, json=THING, headers={"X-Left": "3"})]
    raw = shop.sync.things.read.raw()
    assert (raw.header("X-Left", int), raw.header("X-Left", bool), raw.header("X-None", int)) == (3, None, None)
    shop.recorder.answers = [httpx2.Response(200, content=b"data: one\n\ndata: two\n\n")]
    with shop.sync.things.events.stream() as stream:
        assert [event.data for event in stream.events()] == ["one", "two"]
    with pytest.warns(DeprecationWarning, match="old is deprecated"):
        shop.sync.things.old  # noqa: B018


@pytest.mark.parametrize("status", [409, 418])
def test_error_bodies_are_typed(shop: Shop, status: int) -> None:
    shop.recorder.answers = [httpx2.Response(status, json={"code": "c", "card": "4111"})]
    with pytest.raises(shop.module.StatusError) as caught:
        shop.sync.things.read()
    assert at(caught.value.body, "code") == "c" and caught.value.data == {"code": "c", "card": "4111"}
    assert "4111" not in str(caught.value) + repr(caught.value)


def test_pages_are_walked(shop: Shop) -> None:
    pages = [{"data": [{"leaf": 1}, {"leaf": 2}], "nextCursor": "n"}, {"data": [{"leaf": 3}]}]
    answers = [httpx2.Response(200, json=page) for page in pages]

    async def later(client: Any) -> list[Any]:
        return [item async for item in client.leaves.list.items()]

    def walk(client: Any) -> Any:
        return later(client) if client is shop.async_ else list(client.leaves.list.items())

    assert [at(leaf, "leaf") for leaf in shop.both(walk, *answers)] == [1, 2, 3]
    assert shop.recorder.target == "/leaves?cursor=n"


def test_deliveries_are_typed(shop: Shop) -> None:
    hooks = importlib.import_module(f"{shop.plan.package}.webhooks")
    body = {"type": "paid", "leaf": {"leaf": 1}}
    event = hooks.Webhooks().parse_unverified(json.dumps(body).encode())
    assert at(event, "leaf", "leaf") == 1 and data(event) == body
    unknown = hooks.Webhooks().parse_unverified(b'{"type": "lost"}')
    assert (type(unknown).__name__, unknown.type) == ("UnknownEvent", "lost")
    wrong = b'{"type": "paid", "leaf": {"leaf": "n5551234"}}'
    with pytest.raises(shop.module.ApiError, match=r"leaf\.leaf") as caught:
        hooks.Webhooks().parse_unverified(wrong)
    assert "5551234" not in str(caught.value)


# -- models ---


def test_values_are_frozen_compared_copied_and_masked(shop: Shop, flavour: Flavour) -> None:
    thing = read(shop)
    assert thing == read(shop) != read(shop, name="other")
    if flavour == "typeddict":
        return
    with pytest.raises((AttributeError, ValueError)):
        thing.name = "other"
    changed = thing.replace(name="other", note="x")
    assert (changed.name, changed.note, thing.name) == ("other", "x", "n")
    assert changed.to_dict() == {**THING, "name": "other", "note": "x"}
    with pytest.raises(ValueError, match="name"):
        thing.replace(name=5551234)
    assert "1234" not in repr(thing) and "4111" not in repr(thing) and "***" in repr(thing)
    leaf = models(shop).Leaf
    assert len({leaf(leaf=1), leaf(leaf=1)}) == 1


# -- what documents should not do ---

HOSTILE = yaml.safe_load((Path(__file__).parents[1] / "corpus/documents/hostile.yaml").read_text())
SAMPLES = {
    "string": "s",
    "boolean": True,
    "date-time": "2030-01-02T03:04:05Z",
    "date": "2030-01-02",
    "time": "03:04:05",
    "duration": "P1D",
    "uuid": "0b8cd2f9-93a4-4d6a-9b57-4f1f0a3f7b1c",
    "decimal": "1.5",
    "number": 1.5,
    "integer": 1,
}


def sample(schema: Any) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return [sample(schema["items"])]
    if schema["type"] == "object":
        return {"k": sample(schema["additionalProperties"])}
    return SAMPLES[schema["type"] if schema["type"] == "number" else schema.get("format", schema["type"])]


@pytest.fixture(scope="module")
def hostile(folder: Path, flavour: Flavour) -> Shop:
    return generate(folder, HOSTILE, f"hostile_{flavour}", flavour)


def codec(shop: Shop) -> Any:
    return importlib.import_module(f"{shop.plan.package}._runtime.codec")


def test_members_may_be_called_anything(hostile: Shop) -> None:
    properties = HOSTILE["components"]["schemas"]["Names"]["properties"]
    left_out = {"msgspec": "'\"\\", "typeddict": ""}.get(hostile.plan.package.rpartition("_")[2])
    found = [f.message for f in hostile.plan.findings if f.id == "member-left-out"]
    assert len(found) == (0 if left_out is None else 2)  # one, in two classes
    values = {name: sample(schema) for name, schema in properties.items() if name != left_out}
    for kind in (models(hostile).Names, models(hostile).OnlySent):
        found = codec(hostile).load(kind, json.dumps(values))
        assert data(found) == values
        assert json.loads(codec(hostile).dump(kind, found)) == values
        assert repr(found) == repr(codec(hostile).load(kind, json.dumps(values)))
        with pytest.raises(ValueError, match="self"):
            codec(hostile).load(kind, '{"keys": "k"}')


@pytest.mark.parametrize("depth", [100, 700, 5_000, 100_000])
def test_deep_nesting_is_read_or_refused(hostile: Shop, depth: int) -> None:
    refused = codec(hostile).InvalidValueError
    for kind, text in (
        (models(hostile).Nested, "[" * depth + "]" * depth),
        (models(hostile).Chain, '{"next":' * depth + "{}" + "}" * depth),
    ):
        try:
            found = codec(hostile).load(kind, text)
            assert codec(hostile).dump(kind, found).decode() == text
        except refused:
            assert depth > 100


NAMED = {"kind": "x", "only": 1, "size": 2}
FITTING = {
    "named": NAMED,
    "list": {"next": {"all": [{}, {"next": {}}]}},
    "nested": [[], [[]]],
    "mixed": {"a": {"leaf": 1}, "b": {"c": None}},
    "either": {"name": "n", "right": 1},
    "mapped": {"name": "left", "left": 1},
    "nullableEnum": None,
    "nullConst": None,
    "const": 3,
    "objectConst": {"a": 1},
    "row": ["a", {"leaf": 1}],
    "openRow": ["a", 1, 2],
    "whatever": {"any": [1, None, 0.5]},
    "tables": {"a": {"b": {"leaf": 1}}},
    "patterned": {"x1": 1},
    "wrongDefault": 1,
    "listDefault": ["b"],
    "enumDefault": "b",
    "nullDefault": "s",
    "numbers": 1.5,
    "bytes": "text",
    "empty": {"a": 1},
    "nothing": [],
}
MISFITS: dict[str, list[Any]] = {
    "named": [{**NAMED, "kind": "y"}, {"only": 1}, {**NAMED, "size": "n5551234"}, "n5551234"],
    "list": [{"next": {"all": [{"next": "n5551234"}]}}],
    "nested": ["n5551234", [1]],
    "mixed": [{"a": {"b": 5551234}}],
    "reached": [{"by": "n5551234 - at `$.x` or\nn5551234"}],
    "either": ["n5551234", {"left": "n5551234", "right": "n5551234"}],
    "nullableEnum": ["n5551234", 1],
    "const": [4, "3", True],
    "row": [["a"], [1, {"leaf": 1}], ["a", {"leaf": "n5551234"}]],
    "tables": [{"a": {"b": {}}}, {"a": 1}],
    "patterned": [{"x1": "n5551234"}],
}


def test_shapes_at_the_edge_are_read_and_written(hostile: Shop) -> None:
    kind = models(hostile).Shapes
    many = ["n", 1, True, [], {}, None]
    dates = ["2030-01-02", "2030-01-02T03:04:05Z", "soon"]
    whole = [
        {**FITTING, "unlisted": 1, "manyTypes": one, "dates": day} for one, day in zip(many, dates * 2, strict=True)
    ]
    for value in whole:
        found = codec(hostile).load(kind, json.dumps(value))
        written = json.loads(codec(hostile).dump(kind, found))
        assert written == value
        assert codec(hostile).load(kind, json.dumps(value)) == found


@pytest.mark.parametrize("member", MISFITS)
def test_what_does_not_fit_is_named_without_its_value(hostile: Shop, member: str) -> None:
    for value in MISFITS[member]:
        with pytest.raises(codec(hostile).InvalidValueError, match=member) as caught:
            codec(hostile).load(models(hostile).Shapes, json.dumps({"named": NAMED, "unlisted": 1, member: value}))
        assert "5551234" not in str(caught.value)


# -- what a package stands on ---

LIBRARIES = {
    "pydantic": {"pydantic", "typing_extensions"},
    "msgspec": {"msgspec"},
    "dataclass": set(),
    "typeddict": set(),
}
IMPORT_ALL = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[2].split(","):
            raise ImportError(f"{name} is not installed")

sys.meta_path.insert(0, Refuse())
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, sys.argv[1] + "."):
    importlib.import_module(module.name)
client = next(getattr(package, name) for name in package.__all__ if name.startswith("Async"))
client(base_url="https://api.test", http_client=object())
"""


def test_a_package_needs_the_library_of_its_flavour_only(shop: Shop, flavour: Flavour, folder: Path) -> None:
    others = {"pydantic", "msgspec", "typing_extensions", "attrs", "tallystick"} - LIBRARIES[flavour]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, shop.plan.package, ",".join(others)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    named = {
        line.split(">=")[0].strip(' "') for line in shop.plan.files["pyproject.toml"].splitlines() if ">=" in line
    }
    assert named & {"pydantic", "msgspec"} == LIBRARIES[flavour] - {"typing_extensions"}
    assert "httpx2" in named


BEGINNING = """
from typing import assert_type
from shop_{flavour} import MISSING, AsyncShop{Flavour}, Missing, Shop{Flavour}
from shop_{flavour}.models import Bank, Card, Leaf, Page

async def later(client: AsyncShop{Flavour}) -> None:
    assert_type(await client.leaves.list(), Page)
    async for leaf in client.leaves.list.items():
        assert_type(leaf, Leaf)

def calls(client: Shop{Flavour}, page: Page) -> None:
    client.things.send(name="n", noet="x")
    client.things.send(name=None)
    client.things.union(body="card")
"""
MEMBERS = """
    assert_type(page.next_cursor, str | None{absent})
    client.things.send(name="n", note=page.next_cursor, source=Card(type="card", number="4"), parent=MISSING)
    client.things.union(body=Bank(type="bank", iban=4))
"""
KEYS = """
    assert_type(page.get("nextCursor"), str | None)
    client.things.send(name="n", note=page.get("nextCursor"), source={"type": "card", "number": "4"}, parent=MISSING)
    client.things.union(body={"type": "bank", "iban": 4})
"""


def test_calls_are_typed_in_every_flavour(shop: Shop, flavour: Flavour, folder: Path, tmp_path: Path) -> None:
    absent = "" if flavour == "pydantic" else " | Missing"
    text = BEGINNING + (KEYS if flavour == "typeddict" else MEMBERS)
    for name, value in {"flavour": flavour, "Flavour": flavour.title(), "absent": absent}.items():
        text = text.replace(f"{{{name}}}", value)
    (tmp_path / "calls.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(tmp_path / "calls.py")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wrong = sorted({int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error: " in line})
    assert wrong == [12, 13, 14, 18], done.stdout


def test_packages_of_every_flavour_are_strictly_typed(folder: Path, complaints: Callable[[Path], str]) -> None:
    """All packages of this module are checked at once."""
    for flavour in FLAVOURS:
        for name, doc in {f"shop_{flavour}": DOCUMENT, f"hostile_{flavour}": HOSTILE}.items():
            if not (folder / name).exists():
                generate(folder, doc, name, flavour)
    assert complaints(folder)[-4000:] == ""
