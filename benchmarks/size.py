"""How much code a package of three operations is: physical lines of Python, support code included.

`python benchmarks/size.py [DOCUMENT]`: ours, and each of the other generators that is there, see `peers.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import peers

TEXT = {"type": "string"}
PET = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "tag": TEXT}}
PROBLEM = {"type": "object", "required": ["code"], "properties": {"code": {"type": "integer"}, "message": TEXT}}
PETS = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
STRONGEST = "datamodel-code-generator, its client"
PEERS: dict[str, Callable[[Path, Path], list[str]]] = {
    "tallystick": peers.tallystick,
    "openapi-python-client": peers.openapi_python_client,
    "openapi-generator": peers.openapi_generator,
    STRONGEST: peers.datamodel_client,
}


def small() -> object:
    """Return a document with three operations: list, create, show."""

    def content(name: str) -> object:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    def operation(name: str, answer: str, **more: object) -> object:
        failed = {"description": "failed", "content": content("Problem")}
        responses = {"200": {"description": "done", "content": content(answer)}, "default": failed}
        return {"operationId": name, "tags": ["pets"], "summary": name, "responses": responses, **more}

    key = {"name": "petId", "in": "path", "required": True, "schema": TEXT}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    body = {"required": True, "content": content("Pet")}
    many = {
        "get": operation("listPets", "Pets", parameters=[limit]),
        "post": operation("createPet", "Pet", requestBody=body),
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1.0"},
        "servers": [{"url": "https://pets.example"}],
        "paths": {"/pets": many, "/pets/{petId}": {"get": operation("showPet", "Pet", parameters=[key])}},
        "components": {"schemas": {"Pet": PET, "Pets": PETS, "Problem": PROBLEM}},
    }


def main() -> int:
    """Print one line for each generator; 1 if ours takes more than a quarter of the strongest peer's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("document", nargs="?", type=Path)
    given = parser.parse_args()
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        document = given.document or Path(folder) / "pets.json"
        if given.document is None:
            document.write_text(json.dumps(small()))
        for number, (name, command) in enumerate(PEERS.items()):
            home = Path(folder) / str(number)
            home.mkdir()
            if peers.run(command(document, home / "pets")):
                found[name] = sum(len(path.read_text().splitlines()) for path in home.rglob("*.py"))
    for name, count in sorted(found.items(), key=lambda item: item[1]):
        print(f"  {name:38}  {count:6} lines")
    return int(4 * found["tallystick"] > found[STRONGEST])


if __name__ == "__main__":
    sys.exit(main())
