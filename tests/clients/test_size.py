"""A package has what its contract needs and no more: little for a small one, a dozen lines for one more operation."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract import read
from tallystick.emit.plan import Options, plan

TEXT = {"type": "string"}
PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer", "format": "int64"}, "name": TEXT, "tag": TEXT},
}
PROBLEM = {"type": "object", "required": ["code"], "properties": {"code": {"type": "integer"}, "message": TEXT}}
LONGEST = 890
"""Lines of Python in a package of three operations, runtime included."""
LONGEST_EXPANDED = 920
"""The same for four operations, with arguments that are described and models made of others."""
ONE_MORE = 14
"""Lines that one more operation adds."""


def content(name: str) -> Any:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def operation(name: str, summary: str, status: str, answer: str = "", **more: Any) -> Any:
    told = {"description": "done", **({"content": content(answer)} if answer else {})}
    failed = {"description": "failed", "content": content("Problem")}
    responses = {status: told, "default": failed}
    return {"operationId": name, "tags": ["pets"], "summary": summary, "responses": responses, **more}


PET_ID = {"name": "petId", "in": "path", "required": True, "schema": TEXT}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}
PETSTORE = {
    "openapi": "3.1.0",
    "info": {"title": "Pet store", "version": "1.0.0"},
    "servers": [{"url": "https://pets.example/v1"}],
    "paths": {
        "/pets": {
            "get": operation("listPets", "List the pets", "200", "Pets", parameters=[LIMIT]),
            "post": operation(
                "createPet", "Add a pet", "201", requestBody={"required": True, "content": content("Pet")}
            ),
        },
        "/pets/{petId}": {"get": operation("showPet", "Show a pet", "200", "Pet", parameters=[PET_ID])},
    },
    "components": {
        "schemas": {
            "Pet": PET,
            "Pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
            "Problem": PROBLEM,
        }
    },
}

TAGS = {"name": "tags", "in": "query", "description": "Tags to look for", "schema": {"type": "array", "items": TEXT}}
KEY = {"name": "id", "in": "path", "required": True, "description": "Which pet", "schema": {"type": "integer"}}
NEW_PET = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "tag": TEXT}}
IDENTIFIED = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "format": "int64"}}}
ALL_OF = {"allOf": [{"$ref": "#/components/schemas/NewPet"}, IDENTIFIED]}
LIST_OF_PETS = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
EXPANDED = {
    **PETSTORE,
    "paths": {
        "/pets": {
            "get": operation("findPets", "Find pets", "200", "Pets", parameters=[TAGS, LIMIT]),
            "post": operation(
                "addPet", "Add a pet", "200", "Pet", requestBody={"required": True, "content": content("NewPet")}
            ),
        },
        "/pets/{id}": {
            "get": operation("find pet by id", "Find a pet by its id", "200", "Pet", parameters=[KEY]),
            "delete": operation("deletePet", "Let a pet go", "204", parameters=[KEY]),
        },
    },
    "components": {"schemas": {"NewPet": NEW_PET, "Pet": ALL_OF, "Pets": LIST_OF_PETS, "Problem": PROBLEM}},
}


def generated(folder: Path, document: Any, options: Options | None = None) -> Mapping[str, str]:
    path = folder / "petstore.json"
    path.write_text(json.dumps(document))
    planned = plan(read(path, name="petstore"), options or Options())
    return {name: text for name, text in planned.files.items() if name.endswith(".py")}


def lines(files: Mapping[str, str]) -> int:
    return sum(text.count("\n") for text in files.values())


def modules(files: Mapping[str, str]) -> set[str]:
    return {Path(name).stem for name in files if name.startswith("_runtime/")} - {"__init__"}


CORE = {"call", "client", "codec", "missing", "model", "outcome", "retry", "transport"}


def test_a_small_package_is_small(tmp_path: Path) -> None:
    files = generated(tmp_path, PETSTORE)
    assert modules(files) == CORE
    assert lines(files) <= LONGEST


def test_one_with_more_to_say_is_little_longer(tmp_path: Path) -> None:
    files = generated(tmp_path, EXPANDED)
    assert modules(files) - CORE == {"request_model"}
    assert lines(files) <= LONGEST_EXPANDED


def test_one_more_operation_adds_a_dozen_lines_and_renames_nothing(tmp_path: Path) -> None:
    richer = copy.deepcopy(PETSTORE)
    richer["paths"]["/pets/{petId}"]["delete"] = operation("deletePet", "Let a pet go", "204", parameters=[PET_ID])
    before, after = generated(tmp_path, PETSTORE), generated(tmp_path, richer)
    assert {name for name, text in before.items() if after[name] != text} == {"resources/pets.py"}
    assert 0 < lines(after) - lines(before) <= ONE_MORE
    rest = iter(after["resources/pets.py"].splitlines())
    assert all(line in rest for line in before["resources/pets.py"].splitlines())  # all there, in the same order


def changed(**more: Any) -> Any:
    document = copy.deepcopy(PETSTORE)
    document["paths"]["/pets/{petId}"]["get"].update(more)
    return document


def with_parameter(**parameter: Any) -> Any:
    return changed(parameters=[PET_ID, {"name": "given", **parameter}])


def answering(media: str) -> Any:
    return changed(responses={"200": {"description": "it", "content": {media: {"schema": TEXT}}}})


def failing(**more: Any) -> Any:
    found = {"description": "it", "content": content("Pet")}
    return changed(responses={"200": found, "404": {"description": "none", "content": content("Problem"), **more}})


def sending(media: str) -> Any:
    properties = {"properties": {"file": {**TEXT, "format": "binary"}, "title": TEXT}}
    body = {"required": True, "content": {media: {"schema": {"type": "object", **properties}}}}
    return changed(operationId="sendPet", requestBody=body)


def sensitive() -> Any:
    document = copy.deepcopy(PETSTORE)
    document["components"]["schemas"]["Pet"]["properties"]["tag"] = {**TEXT, "x-sensitive": True}
    return document


SECURED = {
    **PETSTORE,
    "security": [{"key": []}],
    "components": {
        **PETSTORE["components"],  # type: ignore[dict-item]
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}
SEVERAL = {**PETSTORE, "servers": [{"url": "https://live.example"}, {"url": "https://box.example"}]}
DEEP = with_parameter(**{"in": "query", "style": "deepObject", "schema": {"type": "object"}})
FEATURES: dict[str, tuple[Any, set[str]]] = {
    "credentials": (SECURED, {"auth"}),
    "several servers": (SEVERAL, {"servers"}),
    "styles": (DEEP, {"styles"}),
    "an error told by its body": (failing(**{"x-error": [{"name": "Gone", "when": {"/code": 7}}]}), {"problems"}),
    "a form": (sending("application/x-www-form-urlencoded"), {"forms", "request_model"}),
    "an upload": (sending("multipart/form-data"), {"forms", "multipart", "request_model"}),
    "a stream": (answering("application/octet-stream"), {"streaming"}),
    "a deprecated operation": (changed(deprecated=True), {"deprecated"}),
    "cookies": (with_parameter(**{"in": "cookie", "schema": TEXT}), {"styles"}),
    "secrets": (sensitive(), {"redaction", "sensitive_model"}),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_brings_its_module_and_no_other(tmp_path: Path, feature: str) -> None:
    document, expected = FEATURES[feature]
    assert modules(generated(tmp_path, document)) - CORE == expected


def test_errors_have_classes_for_what_the_contract_can_mean(tmp_path: Path) -> None:
    bare = {"description": "no body"}
    told = changed(responses={"200": {"description": "it"}, "401": bare, "402": bare})
    about_credentials = {"AuthenticationError", "PermissionDeniedError"}
    assert not about_credentials & classes(generated(tmp_path, PETSTORE)["errors.py"])
    assert about_credentials <= classes(generated(tmp_path, SECURED)["errors.py"])
    declared = classes(generated(tmp_path, told)["errors.py"])
    assert {"AuthenticationError", "PaymentRequiredError", "NotFoundError"} <= declared
    assert "PermissionDeniedError" not in declared


def classes(text: str) -> set[str]:
    return set(re.findall(r"^class (\w+)", text, re.MULTILINE))


def test_another_http_library_is_asked_for(tmp_path: Path) -> None:
    told = {**PETSTORE, "x-package": {"name": "pets_api", "client": "Petstore", "transports": ["pyreqwest"]}}
    for files in (generated(tmp_path, told), generated(tmp_path, PETSTORE, Options(transports=("pyreqwest",)))):
        assert modules(files) - CORE == {"fast"}
