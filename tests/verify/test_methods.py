"""What a 405 says of the methods that there are: no use at all is a failure, a framework's habit is none."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tallystick import verify
from tallystick.contract import Contract, read

DOCUMENT = """
openapi: 3.1.0
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get: {operationId: list, responses: {'200': {description: All}}}
    put: {operationId: change, responses: {'200': {description: Done}%s}}
"""
SHARED = """
openapi: 3.1.0
info: {title: Lamps, version: '1'}
paths:
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, example: all}]
    get: {operationId: look, responses: {'200': {description: It}}}
  /lamps/all:
    put: {operationId: change, responses: {'200': {description: Done}}}
"""
REFUSED = ", '405': {description: No such method}"
PLAN = verify.Plan(max_examples=1, phases=("walks", "coverage"))


def lamps(folder: Path, documented: bool) -> Contract:
    path = folder / "lamps.yaml"
    path.write_text(DOCUMENT % (REFUSED if documented else ""), encoding="utf-8")
    return read(path, name="lamps", root=folder)


def failures(contract: Contract, allow: str | None, status: int = 405) -> set[tuple[str, str]]:
    async def answer(request: Request) -> Response:
        if request.method in ("GET", "PUT"):
            return JSONResponse({})
        headers: dict[str, Any] = {} if allow is None else {"Allow": allow}
        return Response(status_code=status, headers=headers)

    methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    app = Starlette(routes=[Route("/lamps", answer, methods=methods)])
    result = verify.run(contract, verify.in_process(contract, app, "lamps"), PLAN)
    return {(f.check, f.title) for f in result.failures}


@pytest.mark.parametrize("allow", ["GET, PUT", "get, HEAD , put", "GET", "PUT, OPTIONS"])
def test_one_handler_s_methods_are_enough(tmp_path: Path, allow: str) -> None:
    assert failures(lamps(tmp_path, documented=False), allow) == set()


@pytest.mark.parametrize(
    ("allow", "title"),
    [
        ("", "Allow lacks GET, PUT"),
        ("COPY", "Allow lacks GET, PUT"),
        ("GET, PUT, PATCH", "Allow names the method that is refused"),
    ],
)
def test_what_is_of_no_use_is_a_failure(tmp_path: Path, allow: str, title: str) -> None:
    assert ("allow_names_methods", title) in failures(lamps(tmp_path, documented=False), allow)


def test_a_documented_405_lists_all(tmp_path: Path) -> None:
    assert failures(lamps(tmp_path, documented=True), "GET") == {("allow_names_methods", "Allow lacks PUT")}


def test_a_405_without_allow_and_another_status(tmp_path: Path) -> None:
    contract = lamps(tmp_path, documented=False)
    assert ("methods", "A 405 has no Allow") in failures(contract, None)
    assert ("methods", "PATCH is not refused as such") in failures(contract, "GET, PUT", status=400)
    assert failures(contract, None, status=501) == set()


def test_a_value_that_makes_a_path_another(tmp_path: Path) -> None:
    path = tmp_path / "shared.yaml"
    path.write_text(SHARED, encoding="utf-8")
    contract = read(path, name="shared", root=tmp_path)

    async def answer(request: Request) -> Response:
        asked = "PUT" if request.url.path == "/lamps/all" else "GET"
        return JSONResponse({}) if request.method == asked else Response(status_code=405, headers={"Allow": asked})

    app = Starlette(routes=[Route("/lamps/{id}", answer, methods=["GET", "PUT", "POST", "PATCH", "DELETE"])])
    result = verify.run(contract, verify.in_process(contract, app, "lamps"), verify.Plan(phases=("walks",)))
    assert result.clean, result.failures
