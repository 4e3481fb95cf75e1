"""The content coding of answers: undone, and a failure where it is not what it says, or was not asked for."""

import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tallystick import verify
from tallystick.contract import read

DOCUMENT = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    get:
      operationId: list
      responses: {'200': {description: All, content: {application/json: {schema: {type: array}}}}}
"""


@pytest.mark.parametrize(
    ("coding", "body", "title"),
    [
        ("gzip", gzip.compress(b"[]", mtime=0), ""),
        ("identity", b"[]", ""),
        ("gzip", b"[]", "The server sent a body that is not in the coding 'gzip', as it says"),
        ("gzip", gzip.compress(b"[]", mtime=0)[:-4], "The server sent a body that breaks off"),
        ("gzip", gzip.compress(b" " * 2000, mtime=0), "The server sent more than 0 MiB"),
        ("rot13", b"[]", "The server sent a body in the coding 'rot13', which was not asked for"),
    ],
    ids=["gzip", "identity", "not gzip", "broken off", "too long", "not asked for"],
)
def test_content_codings(tmp_path: Path, coding: str, body: bytes, title: str) -> None:
    path = tmp_path / "notes.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    contract = read(path, name="notes", root=tmp_path)

    async def notes(_: Request) -> Response:
        return Response(body, headers={"content-type": "application/json", "content-encoding": coding})

    app = Starlette(routes=[Route("/notes", notes)])
    plan = verify.Plan(max_examples=1, phases=("coverage",), max_answer=1000)
    result = verify.run(contract, verify.in_process(contract, app, "notes"), plan)
    if title:
        assert all(failure.title.startswith(title) for failure in result.failures) and not result.clean
    else:
        assert result.clean, result.failures
