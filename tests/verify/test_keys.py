"""A key that a document also lists as a parameter is a credential, and sent once."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tallystick.contract import read
from tallystick.verify import Plan, run
from tallystick.verify.server.target import in_process

DOCUMENT = """
openapi: 3.1.0
info: {title: Grants, version: '1'}
security: [{key: []}]
paths:
  /grants:
    get:
      parameters:
        - {name: clientKey, in: PLACE, required: REQUIRED, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
      responses:
        '200': {description: Grants., content: {application/json: {schema: {type: array}}}}
        '401': {description: Who?}
        '422': {description: What?}
components:
  securitySchemes: {key: {type: apiKey, in: PLACE, name: clientKey}}
"""


@pytest.mark.parametrize("required", ["true", "false"])
@pytest.mark.parametrize("place", ["query", "header"])
def test_a_key_that_is_a_parameter_too(tmp_path: Path, place: str, required: str) -> None:
    twice: list[str] = []

    async def grants(request: Request) -> Response:
        pairs = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
        given = (
            [v for k, v in pairs if k == "clientKey"] if place == "query" else request.headers.getlist("clientKey")
        )
        if len(given) > 1:
            twice.append(str(request.url))
        if given[:1] != ["test-key"]:  # the first of several counts
            return JSONResponse({}, 401)
        pages = [value for name, value in pairs if name == "page"]
        good = all(page.isascii() and page.isdecimal() and int(page[:9]) > 0 for page in pages)
        return JSONResponse([], 200 if good else 422)

    document = tmp_path / "grants.yaml"
    document.write_text(DOCUMENT.replace("PLACE", place).replace("REQUIRED", required))
    contract = read(document, name="grants")
    server = Starlette(routes=[Route("/grants", grants, methods=["GET"])])
    result = run(contract, in_process(contract, server, "grants"), Plan(max_examples=5))
    assert not twice
    assert [f"{f.check}: {f.title}" for f in result.failures] == []


def test_a_key_may_be_the_token_of_another_scheme(tmp_path: Path) -> None:
    async def grants(request: Request) -> Response:
        known = "test-key" in (request.headers.get("x-key"), request.headers.get("authorization", "")[7:])
        return JSONResponse([], 200 if known else 401)

    document = tmp_path / "grants.yaml"
    document.write_text(
        """
openapi: 3.1.0
info: {title: Grants, version: '1'}
security: [{key: []}, {token: []}, {nowhere: []}]
paths:
  /grants:
    get:
      responses: {'200': {description: Grants.}, '401': {description: Who?}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: http, scheme: bearer}
"""
    )
    contract = read(document, name="grants")
    server = Starlette(routes=[Route("/grants", grants, methods=["GET"])])
    result = run(contract, in_process(contract, server, "grants"), Plan(max_examples=1, phases=("walks",)))
    assert result.cases and [f"{f.check}: {f.title}" for f in result.failures] == []
