"""Security schemes that nobody can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallystick.contract import read
from tallystick.emit.plan import Options, plan


@pytest.mark.parametrize(
    ("scheme", "pointer"),
    [
        ({"type": "password"}, "/type"),
        ({"description": "It has no type."}, ""),
        ({"type": "apiKey", "in": "header"}, ""),
        ({"type": "apiKey", "in": "body", "name": "key"}, "/in"),
        ({"type": "http"}, ""),
    ],
)
def test_a_scheme_that_proves_nothing_is_left_out_and_the_rest_is_there(
    tmp_path: Path, scheme: object, pointer: str
) -> None:
    good = {"type": "http", "scheme": "bearer"}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "security": [{"odd": []}, {"good": []}],
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"204": {"description": "d"}}}}},
        "components": {"securitySchemes": {"odd": scheme, "good": good}},
    }
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document))
    found = read(path, name="t")
    (finding,) = found.findings
    assert (finding.id, finding.place.pointer) == ("security-unclear", f"/components/securitySchemes/odd{pointer}")
    assert [*found.security_schemes] == ["good"]
    assert found.document["components"] == {"securitySchemes": {"good": good}}
    assert plan(found, Options(only="server")).files
