"""A small API, written by hand from `kennel.yaml`, that is right, or wrong in one way that has a name.

It counts its ids, hides passwords, trims names, and moves the status of a dog by itself, as servers do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from jsonschema_rs import Draft202012Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

KEYS = {"test-key": "anna", "test-other": "ben"}
NAME = {"type": "string", "minLength": 1, "maxLength": 40}
WEIGHT = {"type": "integer", "minimum": 1, "maximum": 120}
DOG = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": NAME,
        "weight": WEIGHT,
        "breed": {"enum": ["beagle", "poodle"]},
        "password": NAME,
        "note": {"type": "string", "maxLength": 40},
    },
}
CHANGE = {"type": "object", "minProperties": 1, "additionalProperties": False,
          "properties": {"name": NAME, "weight": WEIGHT}}  # fmt: skip
VISIT = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {
        "reason": {"type": "string", "minLength": 1, "maxLength": 80},
        "minutes": {"type": "integer", "minimum": 1, "maximum": 600},
    },
}
FAULTS = (
    *("write lost", "member lost", "value changed", "read gives another", "id used twice", "first one overwritten"),
    *("unknown id found", "unknown id changed", "change lost", "change touches others", "change resets the rest"),
    *("not deleted", "deletes all", "deleted one listed", "list empty", "list without the last", "others may read"),
    *("others may delete", "visits of all dogs", "visit not replaced"),
)


class Refused(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.answer = JSONResponse({"detail": detail}, status)


class Kennel:
    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.dogs: dict[int, dict[str, Any]] = {}
        self.gone: list[dict[str, Any]] = []
        self.visits: dict[str, dict[str, Any]] = {}
        self.ids, self.visit_ids = count(1), count(1)

    # -- dogs -----------------------------------------------------------------------------------------------------

    def add(self, who: str, body: Any, **_: Any) -> Response:
        number = (
            next(self.ids) if self.fault not in ("id used twice", "first one overwritten") or not self.dogs else 1
        )
        dog = {"id": number, "owner": who, **body, "name": body["name"].strip() or "-", "status": "new"}
        dog["createdAt"] = "2026-01-01T00:00:00Z"
        shown = self.shown(dog)
        if self.fault == "member lost":
            dog.pop("breed", None)
            dog.pop("weight", None)
        if self.fault == "value changed":
            dog["name"] = "Rex"
        if self.fault != "write lost" and not (self.fault == "id used twice" and self.dogs):
            self.dogs[number] = dog
        return JSONResponse(shown, 201)

    def shown(self, dog: dict[str, Any]) -> dict[str, Any]:
        return {n: v for n, v in dog.items() if n not in ("password", "note", "owner")}

    def named(self, who: str, number: int) -> dict[str, Any]:
        dog = self.dogs.get(number)
        if dog is None and self.fault == "unknown id found" and self.dogs:
            dog = next(iter(self.dogs.values()))
        if dog is None or (dog["owner"] != who and self.fault not in ("others may read", "others may delete")):
            raise Refused(404, "no such dog")
        return dog

    def read(self, who: str, number: int, **_: Any) -> Response:
        dog = self.named(who, number)
        if self.fault == "others may delete" and dog["owner"] != who:
            raise Refused(404, "no such dog")
        dog["status"] = "seen"
        return JSONResponse(self.shown(next(iter(self.dogs.values())) if self.fault == "read gives another" else dog))

    def change(self, who: str, number: int, body: Any, **_: Any) -> Response:
        if self.fault == "unknown id changed" and number not in self.dogs:
            return JSONResponse(
                {"id": number, "name": "x", "createdAt": "2026-01-01T00:00:00Z", "status": "x", **body}
            )
        dog = self.named(who, number)
        if self.fault == "change lost":
            return JSONResponse({**self.shown(dog), **body})
        for one in self.dogs.values() if self.fault == "change touches others" else [dog]:
            one.update(body)
        if self.fault == "change resets the rest":
            for name in ("weight", "breed"):
                if name not in body:
                    dog.pop(name, None)
        dog["name"] = dog["name"].strip() or "-"
        return JSONResponse(self.shown(dog))

    def remove(self, who: str, number: int, **_: Any) -> Response:
        self.gone.append(self.named(who, number))
        if self.fault == "deletes all":
            self.dogs.clear()
        if self.fault != "not deleted":
            self.dogs.pop(number, None)
        return Response(status_code=204)

    def list(self, who: str, **_: Any) -> Response:
        mine = [self.shown(dog) for dog in self.dogs.values() if dog["owner"] == who]
        if self.fault == "deleted one listed":
            mine += [self.shown(dog) for dog in self.gone]
        if self.fault == "list empty":
            mine = []
        return JSONResponse({"dogs": mine[:-1] if self.fault == "list without the last" else mine})

    # -- visits ---------------------------------------------------------------------------------------------------

    def visit(self, who: str, number: int, body: Any, **_: Any) -> Response:
        self.named(who, number)
        visit = {"id": str(UUID(int=next(self.visit_ids) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)), **body}
        self.visits[visit["id"]] = {**visit, "dog": number}
        return JSONResponse(visit, 201)

    def visit_of(self, who: str, number: int, visit: str) -> dict[str, Any]:
        self.named(who, number)
        found = self.visits.get(visit)
        if found is None and self.fault == "visits of all dogs" and self.visits:
            found = next(iter(self.visits.values()))
        if found is None or (found["dog"] != number and self.fault != "visits of all dogs"):
            raise Refused(404, "no such visit")
        return found

    def read_visit(self, who: str, number: int, visit: str, **_: Any) -> Response:
        return JSONResponse({n: v for n, v in self.visit_of(who, number, visit).items() if n != "dog"})

    def replace(self, who: str, number: int, visit: str, body: Any) -> Response:
        found = self.visit_of(who, number, visit)
        new = {"id": visit, **body}
        if self.fault != "visit not replaced":
            self.visits[visit] = {**new, "dog": found["dog"]}
        return JSONResponse(new)


async def _serve(do: Callable[..., Response], schema: Any, request: Request) -> Response:
    """Check who asks, then the path, then the body, then do it."""
    try:
        who = KEYS.get(request.headers.get("x-key", ""))
        if who is None:
            raise Refused(401, "who are you?")
        given: dict[str, Any] = {}
        if "dogId" in request.path_params:
            given["number"] = _number(request.path_params["dogId"])
        if "visitId" in request.path_params:
            given["visit"] = _uuid(request.path_params["visitId"])
        if "limit" in request.query_params and not 1 <= _number(request.query_params["limit"]) <= 1000:
            raise Refused(422, "limit is from 1 to 1000")
        if schema is not None:
            given["body"] = _body(await request.body(), request.headers.get("content-type", ""), schema)
        return do(who, **given)
    except Refused as refused:
        return refused.answer


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:30]) > 0):
        raise Refused(422, "no number above 0")
    return int(text[:30])


def _uuid(text: str) -> str:
    try:
        if str(UUID(text)) != text.lower():
            raise ValueError
    except ValueError:
        raise Refused(422, "no UUID") from None
    return text.lower()


def _body(raw: bytes, content_type: str, schema: Any) -> Any:
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise Refused(422, "JSON, please")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(422, "no JSON") from None
    if not Draft202012Validator(schema).is_valid(body):
        raise Refused(422, "not what the document says")
    return body


def application(fault: str = "") -> Starlette:
    """Return the application, right or with one of `FAULTS`."""
    kennel = Kennel(fault)

    def route(path: str, method: str, do: Callable[..., Response], schema: Any = None) -> Route:
        return Route(path, partial(_serve, do, schema), methods=[method])

    dogs, dog = "/dogs", "/dogs/{dogId}"
    visit = "/dogs/{dogId}/visits/{visitId}"
    routes = [
        route(dogs, "POST", kennel.add, DOG),
        route(dogs, "GET", kennel.list),
        route(dog, "GET", kennel.read),
        route(dog, "PATCH", kennel.change, CHANGE),
        route(dog, "DELETE", kennel.remove),
        route("/dogs/{dogId}/visits", "POST", kennel.visit, VISIT),
        route(visit, "GET", kennel.read_visit),
        route(visit, "PUT", kennel.replace, VISIT),
    ]
    return Starlette(routes=[Mount("/api", routes=routes)])
