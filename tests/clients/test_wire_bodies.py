"""What bodies look like on the wire, and what comes back, for both clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest

from .conftest import Shop, document, operation

Make = Callable[..., Shop]
TEXT = {"type": "string"}
CARD = {
    "type": "object",
    "required": ["type", "number"],
    "properties": {"type": {"const": "card"}, "number": TEXT},
}
BANK = {"type": "object", "required": ["type", "iban"], "properties": {"type": {"const": "bank"}, "iban": TEXT}}
SOURCE = {
    "oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Bank"}],
    "discriminator": {
        "propertyName": "type",
        "mapping": {"card": "#/components/schemas/Card", "bank": "#/components/schemas/Bank"},
    },
}
THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {**TEXT, "readOnly": True},
        "name": TEXT,
        "note": {"type": ["string", "null"]},
        "source": {"$ref": "#/components/schemas/Source"},
        "class": TEXT,
        "tags": {"type": "array", "items": TEXT},
    },
}
SCHEMAS = {"Card": CARD, "Bank": BANK, "Source": SOURCE, "Thing": THING}


def sending(content: Any, required: bool = True, **more: Any) -> Any:
    body = {"required": required, "content": content}
    return document({"/things": {"post": operation(requestBody=body, **more)}}, components={"schemas": SCHEMAS})


def answering(content: Any, status: str = "200", **more: Any) -> Any:
    responses = {status: {"description": "it", "content": content, **more}}
    return document({"/things": {"get": operation(responses=responses)}}, components={"schemas": SCHEMAS})


JSON_THING = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}


def sent(shop: Shop) -> Any:
    return json.loads(shop.recorder.last.content)


def test_bar_11_absent_differs_from_null(make: Make) -> None:
    shop = make(sending(JSON_THING))
    shop.both(lambda client: client.things.run(name="n"))
    assert sent(shop) == {"name": "n"}
    shop.both(lambda client: client.things.run(name="n", note=None))
    assert sent(shop) == {"name": "n", "note": None}
    shop.both(lambda client: client.things.run(name="n", note="x", class_="c"))
    assert sent(shop) == {"name": "n", "note": "x", "class": "c"}


def test_read_only_members_are_not_asked_for(make: Make) -> None:
    shop = make(sending(JSON_THING))
    with pytest.raises(TypeError, match="'id'"):
        shop.sync.things.run(id="1", name="n")


def test_unions_are_sent_as_what_they_are(make: Make) -> None:
    shop = make(sending(JSON_THING))
    models = __import__(f"{shop.plan.package}.models", fromlist=["models"])
    shop.both(lambda client: client.things.run(name="n", source=models.Bank(type="bank", iban="DE1")))
    assert sent(shop) == {"name": "n", "source": {"type": "bank", "iban": "DE1"}}


def test_bar_10_a_wrong_argument_is_named_and_its_value_is_not(make: Make) -> None:
    shop = make(sending(JSON_THING))
    with pytest.raises(
        shop.module.RequestValidationError, match=r"POST /things \(Things.run\): tags.0: .*string"
    ) as caught:
        shop.sync.things.run(name="n", tags=[5551234])
    assert "5551234" not in str(caught.value)
    assert not shop.recorder.requests


def test_a_body_that_is_no_object_is_one_argument(make: Make) -> None:
    shop = make(sending({"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}}))
    shop.both(lambda client: client.things.run(body=[1, 2]))
    assert sent(shop) == [1, 2]


def test_an_optional_body_can_be_left_out(make: Make) -> None:
    shop = make(sending(JSON_THING, required=False))
    shop.both(lambda client: client.things.run())
    assert shop.recorder.last.content == b""
    assert "content-type" not in shop.recorder.last.headers


def test_form_bodies(make: Make) -> None:
    schema = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": TEXT,
            "tags": {"type": "array", "items": TEXT},
            "csv": {"type": "array", "items": TEXT},
            "deep": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "meta": {"type": "object", "properties": {"b": TEXT}},
        },
    }
    encoding = {"csv": {"style": "form", "explode": False}, "deep": {"style": "deepObject", "explode": True}}
    shop = make(sending({"application/x-www-form-urlencoded": {"schema": schema, "encoding": encoding}}))
    models = __import__(f"{shop.plan.package}.models", fromlist=["models"])
    deep = next(getattr(models, n) for n in dir(models) if n.endswith("Deep"))
    meta = next(getattr(models, n) for n in dir(models) if n.endswith("Meta"))
    shop.both(
        lambda client: client.things.run(
            name="a b", tags=["x", "y"], csv=["1", "2"], deep=deep(a=1), meta=meta(b="c")
        )
    )
    expected = b"name=a%20b&tags=x&tags=y&csv=1,2&deep%5Ba%5D=1&meta=%7B%22b%22%3A%22c%22%7D"
    assert shop.recorder.last.content == expected
    assert shop.recorder.last.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("kind", ["bytes", "path", "file", "named", "typed"])
def test_bar_15_multipart_bodies(make: Make, tmp_path: Path, kind: str) -> None:
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {**TEXT, "format": "binary"},
            "title": TEXT,
            "meta": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    }
    shop = make(sending({"multipart/form-data": {"schema": schema}}))
    path = tmp_path / "pic.png"
    path.write_bytes(b"\x89PNG")
    file = BytesIO(b"\x89PNG")
    values = {"bytes": b"\x89PNG", "path": path, "file": file, "named": ("pic.png", b"\x89PNG")}
    value = values.get(kind, ("pic.png", b"\x89PNG", "image/x-own"))

    def call(client: Any) -> Any:
        file.seek(0)
        return client.things.run(file=value, title="é", meta={"a": 1})

    shop.both(call)
    body, content_type = shop.recorder.last.content, shop.recorder.last.headers["content-type"]
    name = "pic.png" if kind in ("path", "named", "typed") else "file"
    media = "image/x-own" if kind == "typed" else "image/png" if name == "pic.png" else "application/octet-stream"
    assert content_type.startswith("multipart/form-data; boundary=")
    assert f'name="file"; filename="{name}"\r\nContent-Type: {media}\r\n\r\n'.encode() + b"\x89PNG" in body
    assert 'name="title"\r\n\r\né'.encode() in body
    assert b'name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}' in body


@pytest.mark.parametrize(
    ("media", "value", "expected"),
    [
        ("text/plain", "hé", "hé".encode()),
        ("application/octet-stream", b"\x00", b"\x00"),
        ("application/xml", "<a/>", b"<a/>"),
    ],
)
def test_text_and_bytes(make: Make, media: str, value: Any, expected: bytes) -> None:
    shop = make(sending({media: {"schema": TEXT}}))
    shop.both(lambda client: client.things.run(body=value))
    assert (shop.recorder.last.content, shop.recorder.last.headers["content-type"]) == (expected, media)


def test_forms_that_need_not_be_sent_have_arguments_too(make: Make) -> None:
    schema = {"type": "object", "properties": {"file": {**TEXT, "format": "binary"}, "title": TEXT}}
    shop = make(sending({"multipart/form-data": {"schema": schema}}, required=False), "uploads")
    shop.both(lambda client: client.things.run(file=("a.png", b"\x89")))
    assert b'filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89' in shop.recorder.last.content
    shop = make(sending({"application/x-www-form-urlencoded": {"schema": schema}}, required=False), "forms")
    shop.both(lambda client: client.things.run(title="t"))
    assert shop.recorder.last.content == b"title=t"
    shop.both(lambda client: client.things.run())
    assert shop.recorder.last.content == b""


# -- answers ---


def test_bar_19_23_answers_are_typed_and_keep_what_is_new(make: Make) -> None:
    shop = make(answering(JSON_THING))
    data = {"id": "1", "name": "n", "source": {"type": "card", "number": "4"}, "extra": {"kept": True}}
    thing = shop.both(lambda client: client.things.run(), httpx2.Response(200, json=data))
    assert (thing.id, thing.source.number, type(thing.source).__name__) == ("1", "4", "Card")
    assert thing.to_dict() == data


def test_text_and_bytes_as_answers(make: Make) -> None:
    text = make(answering({"text/csv": {"schema": TEXT}}), "texts")
    assert text.both(lambda client: client.things.run(), httpx2.Response(200, text="a,b")) == "a,b"
    assert text.recorder.last.headers["accept"] == "text/csv"
    image = make(answering({"image/png": {"schema": {**TEXT, "format": "binary"}}}), "images")
    assert image.both(lambda client: client.things.run(), httpx2.Response(200, content=b"\x89")) == b"\x89"


def test_each_success_status_has_its_own_type(make: Make) -> None:
    paths = {
        "/things": {
            "get": operation(
                responses={
                    "200": {"description": "", "content": JSON_THING},
                    "202": {"description": "", "content": {"application/json": {"schema": {"type": "integer"}}}},
                    "204": {"description": "", "content": JSON_THING},  # which a 204 can't have
                }
            )
        }
    }
    shop = make(document(paths, components={"schemas": SCHEMAS}))
    assert shop.both(lambda c: c.things.run(), httpx2.Response(200, json={"id": "1", "name": "n"})).name == "n"
    assert shop.both(lambda c: c.things.run(), httpx2.Response(202, json=5)) == 5
    assert shop.both(lambda c: c.things.run(), httpx2.Response(204)) is None


def test_a_status_the_contract_does_not_mention_is_an_error(make: Make) -> None:
    shop = make(answering(JSON_THING))
    for status in (201, 302, 520):
        shop.recorder.answers = [httpx2.Response(status, json={"id": "1", "name": "n"})]
        with pytest.raises(shop.module.StatusError) as caught:
            shop.sync.with_options(retries=0).things.run()
        assert caught.value.status == status


def test_an_answer_that_breaks_the_contract_is_an_error_that_shows_no_value(make: Make) -> None:
    shop = make(answering(JSON_THING))
    shop.recorder.answers = [httpx2.Response(200, json={"id": 5551234}, headers={"x-request-id": "r-1"})]
    with pytest.raises(
        shop.module.ResponseValidationError, match=r"id: .*string; name: Field required \[request id r-1\]"
    ) as c:
        shop.sync.things.run()
    assert "5551234" not in str(c.value)


def test_bar_26_strictness_is_one_argument(make: Make) -> None:
    shop = make(answering(JSON_THING), strict=True)
    shop.recorder.answers = [httpx2.Response(200, json={"id": "1", "name": "n", "new": 1})]
    with pytest.raises(shop.module.ResponseValidationError, match="new"):
        shop.sync.things.run()
    assert shop.sync.things.run.with_options(strict=False)().name == "n"


def test_bar_20_raw_answers(make: Make) -> None:
    shop = make(answering(JSON_THING, headers={"X-Left": {"schema": {"type": "integer"}}}))
    answer = httpx2.Response(200, json={"id": "1", "name": "n"}, headers={"X-Left": "3", "X-Request-Id": "r-1"})
    shop.recorder.answers = [answer]
    raw = shop.sync.things.run.raw()
    assert (raw.status, raw.headers["x-left"], raw.request_id, raw.attempts) == (200, "3", "r-1", 1)
    assert (raw.header("X-Left", int), raw.header("X-Left", bool), raw.header("X-None", int)) == (3, None, None)
    assert "Headers: X-Left (int)." in shop.plan.files["resources/things.py"]
    assert raw.parse().name == "n"
    assert len(shop.recorder.requests) == 1


def test_bar_21_streams_are_not_read_until_asked(make: Make) -> None:
    shop = make(answering({"application/octet-stream": {"schema": {**TEXT, "format": "binary"}}}))
    read: list[int] = []

    def chunks() -> Any:
        for i in range(3):
            read.append(i)
            yield b"%d" % i

    shop.recorder.answers = [httpx2.Response(200, content=chunks())]
    with shop.sync.things.run.stream() as stream:
        assert (stream.response.status, read) == (200, [])
        assert next(iter(stream)) == b"0"
        assert read == [0]
    shop.recorder.answers = [httpx2.Response(200, content=b"all")]

    async def whole() -> bytes:
        async with shop.async_.things.run.stream() as stream:
            return await stream.read()

    assert (
        shop.both(lambda c: whole() if c is shop.async_ else c.things.run(), httpx2.Response(200, content=b"all"))
        == b"all"
    )


def test_server_sent_events(make: Make) -> None:
    shop = make(answering({"text/event-stream": {"schema": TEXT}}))
    text = b'event: add\nid: 1\ndata: {"a":\ndata: 1}\n\n: comment\n\ndata: last\n\n'

    async def later(client: Any) -> list[Any]:
        async with client.things.run.stream() as stream:
            return [event async for event in stream.events()]

    def now(client: Any) -> list[Any]:
        with client.things.run.stream() as stream:
            return list(stream.events())

    events = shop.both(lambda c: later(c) if c is shop.async_ else now(c), httpx2.Response(200, content=text))
    assert [(e.event, e.id, e.data) for e in events] == [("add", "1", '{"a":\n1}'), ("message", "1", "last")]
    assert events[0].json() == {"a": 1}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_that_is_no_object_says_so_before_anything_is_sent(make: Make, kind: str) -> None:
    body = {"required": True, "content": {kind: {"schema": {"type": "array", "items": {"type": "string"}}}}}
    shop = make(document({"/things": {"post": operation(requestBody=body)}}))
    with pytest.raises(shop.module.RequestValidationError, match="members with names"):
        shop.sync.things.run(body=["a"])
    assert shop.recorder.requests == []
