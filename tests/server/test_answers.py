"""What is answered: what handlers give, what they raise, and what never reaches them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Built, Recording, call, document, operation

Json = Any
PET: Json = {
    "type": "object",
    "required": ["petName"],
    "properties": {"petName": {"type": "string", "maxLength": 5}, "age": {"type": "integer"}},
}
ERROR: Json = {
    "type": "object",
    "required": ["code", "text"],
    "properties": {"code": {"type": "string"}, "text": {"type": "string"}, "at": {"type": "string"}},
}


def answer(schema: Json, **more: Json) -> Json:
    return {"description": "an answer", "content": {"application/json": {"schema": schema}}, **more}


def refusal(code: str, situations: list[str], **more: Json) -> Json:
    """An error answer with an example and an `x-error` that says when it is given."""
    media = {
        "schema": {"$ref": "#/components/schemas/Err"},
        "examples": {"it": {"value": {"code": code, "text": "?"}}},
    }
    error = {"name": code, "situations": situations, "example": "it", "fill": {"/text": "message", "/at": "pointer"}}
    return {"description": "no", "content": {"application/json": media}, "x-error": [{**error, **more}]}


def pets(**responses: Json) -> Json:
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    found = {"200": answer({"$ref": "#/components/schemas/Pet"}), **responses}
    return document(
        {"/pets": {"post": operation(requestBody=body, responses=found)}},
        components={"schemas": {"Pet": PET, "Err": ERROR}},
    )


def post(built: Built, gives: Any = None, **request: Any) -> Any:
    sent = {"json": {"petName": "Rex"}, **request}
    return call(built.module.create_app(things=Recording(gives)), "POST", "/pets", **sent)


def test_an_answer_has_the_apis_names_and_what_was_set(build: Callable[..., Built]) -> None:
    built = build(pets())
    given = post(built, built.module.models.Pet(pet_name="Rex"))
    assert (given.status_code, given.json()) == (200, {"petName": "Rex"})
    assert given.headers["content-type"] == "application/json"


def test_a_reply_says_status_and_headers(build: Callable[..., Built]) -> None:
    built = build(pets(**{"202": answer({"$ref": "#/components/schemas/Pet"}), "303": {"description": "elsewhere"}}))
    model = built.module.models.Pet(pet_name="Rex")
    given = post(built, built.module.Reply(model, 202, {"x-here": "1"}))
    assert (given.status_code, given.headers["x-here"], given.json()) == (202, "1", {"petName": "Rex"})
    moved = post(built, built.module.Reply(None, 303, {"location": "/pets/1"}))
    assert (moved.status_code, moved.headers["location"], moved.content) == (303, "/pets/1", b"")


CONTRACT = {
    "400": refusal("BAD", ["malformed", "invalid", "unsupported-media-type", "not-acceptable"]),
    "404": refusal("GONE", ["unknown-resource", "not-found"]),
    "500": refusal("OOPS", ["internal"]),
}
REFUSALS: list[tuple[str, Json, tuple[int, str], int]] = [
    ("malformed", {"content": b"{", "headers": {"content-type": "application/json"}}, (400, "BAD"), 400),
    ("NaN", {"content": b'{"petName": NaN}', "headers": {"content-type": "application/json"}}, (400, "BAD"), 400),
    ("1e400", {"content": b'{"petName": 1e400}', "headers": {"content-type": "application/json"}}, (400, "BAD"), 400),
    ("surrogate", {"content": b'"\\ud800"', "headers": {"content-type": "application/json"}}, (400, "BAD"), 400),
    ("deep", {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}, (400, "BAD"), 400),
    (
        "deeper",
        {"content": b"[" * 300 + b"]" * 300, "headers": {"content-type": "application/json"}},
        (400, "BAD"),
        400,
    ),
    ("missing member", {"json": {}}, (400, "BAD"), 400),
    ("too long", {"json": {"petName": "Cerberus"}}, (400, "BAD"), 400),
    ("wrong type", {"json": {"petName": "Rex", "age": "7"}}, (400, "BAD"), 400),
    ("media type", {"content": b"<a/>", "headers": {"content-type": "text/xml"}}, (400, "BAD"), 415),
    ("accept", {"headers": {"accept": "text/xml"}}, (400, "BAD"), 406),
    ("nothing", {"content": b"", "json": None}, (400, "BAD"), 400),
]


@pytest.mark.parametrize(("sent", "own", "plain"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_a_bad_request_is_refused_in_the_contracts_words(
    build: Callable[..., Built], sent: Json, own: tuple[int, str], plain: int
) -> None:
    given = post(build(pets(**CONTRACT)), **sent)
    assert (given.status_code, given.json()["code"]) == own
    assert given.json()["text"] != "?"
    without = post(build(pets()), **sent)
    assert (without.status_code, without.headers["content-type"]) == (plain, "application/problem+json")
    assert without.json()["status"] == plain


def test_a_refusal_names_the_place(build: Callable[..., Built]) -> None:
    given = post(build(pets(**CONTRACT)), json={"petName": "Cerberus"})
    assert given.json()["at"] == "petName"


def test_other_paths_and_methods(build: Callable[..., Built]) -> None:
    own, plain = build(pets(**CONTRACT)), build(pets())
    for built, body in ((own, {"code": "GONE"}), (plain, {"status": 404})):
        app = built.module.create_app(things=Recording())
        missing = call(app, "GET", "/nothing")
        assert missing.status_code == 404
        assert body.items() <= missing.json().items()
        wrong = call(app, "DELETE", "/pets")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


def test_an_exception_is_an_error_without_a_trace(
    build: Callable[..., Built], caplog: pytest.LogCaptureFixture
) -> None:
    for document_, code in ((pets(**CONTRACT), "OOPS"), (pets(), None)):
        given = post(build(document_), RuntimeError("the secret plan"))
        assert (given.status_code, given.json().get("code")) == (500, code)
        assert "secret" not in given.text
    assert "the secret plan" in caplog.text


@pytest.mark.parametrize("broken", [{"petName": 5}, None, "Rex"])
def test_an_answer_that_breaks_the_contract_is_not_sent(build: Callable[..., Built], broken: Any) -> None:
    assert post(build(pets()), broken).status_code == 500


def test_an_undeclared_status_is_not_sent(build: Callable[..., Built]) -> None:
    built = build(pets())
    assert post(built, built.module.Reply(built.module.models.Pet(pet_name="Rex"), 299)).status_code == 500


def test_handlers_say_no(build: Callable[..., Built]) -> None:
    built = build(pets(**CONTRACT, **{"409": answer({"$ref": "#/components/schemas/Err"})}))
    errors, models = built.module.errors, built.module.models
    gone = post(built, errors.GONEError("there is no Rex"))
    assert (gone.status_code, gone.json()) == (404, {"code": "GONE", "text": "there is no Rex"})
    conflict = post(built, errors.ConflictError(body=models.Err(code="C", text="taken"), headers={"x-a": "b"}))
    assert (conflict.status_code, conflict.json()) == (409, {"code": "C", "text": "taken"})
    assert conflict.headers["x-a"] == "b"
    bare = post(built, errors.ConflictError("taken"))
    assert (bare.status_code, bare.json()["detail"]) == (409, "taken")
    any_status = post(built, errors.ApiError("tea only", status=418))
    assert (any_status.status_code, any_status.json()["detail"]) == (418, "tea only")


def test_a_large_body_is_refused(build: Callable[..., Built]) -> None:
    app = build(pets()).module.create_app(things=Recording(), max_body=10)
    assert call(app, "POST", "/pets", json={"petName": "Rex"}).status_code == 413


def test_head_is_answered_as_get(build: Callable[..., Built]) -> None:
    built = build(document({"/a/{x}": {"get": operation()}, "/a/b": {"get": operation(operationId="fixed")}}))
    app = built.module.create_app(things=Recording())
    assert call(app, "HEAD", "/a/c").status_code == 204
    assert call(app, "POST", "/a/c").headers["allow"] == "GET, HEAD"


def test_text_and_bytes(build: Callable[..., Built]) -> None:
    media = {"text/csv": {"schema": {"type": "string"}}, "image/png": {}}
    built = build(document({"/f": {"get": operation(responses={"200": {"description": "", "content": media}})}}))
    module = built.module
    text = call(module.create_app(things=Recording("a,b")), "GET", "/f")
    assert (text.text, text.headers["content-type"]) == ("a,b", "text/csv")
    image = call(module.create_app(things=Recording(module.Reply(b"\x89", media_type="image/png"))), "GET", "/f")
    assert (image.content, image.headers["content-type"]) == (b"\x89", "image/png")


def test_what_cannot_be_told_apart_is_refused_by_name(build: Callable[..., Built]) -> None:
    twice = {"/a/{x}": {"get": operation()}, "/a/{y}": {"get": operation(operationId="again")}}
    built = build(document(twice))
    assert [(name, pointer) for name, pointer, _ in built.plan.count.refused] == [("again", "/paths/~1a~1{y}/get")]
    assert call(built.module.create_app(things=Recording()), "GET", "/a/1").status_code == 204


def test_a_keyword_that_no_validator_takes_is_named(build: Callable[..., Built]) -> None:
    wrong = {"name": "q", "in": "query", "schema": {"type": "string", "pattern": "(", "maxLength": 3}}
    built = build(document({"/a": {"get": operation(parameters=[wrong])}}))
    assert [(f.id, f.severity.value) for f in built.plan.findings if f.id == "unchecked"] == [
        ("unchecked", "warning")
    ]
    app = built.module.create_app(things=Recording())
    assert call(app, "GET", "/a?q=abc").status_code == 204
    assert call(app, "GET", "/a?q=abcd").status_code == 400
