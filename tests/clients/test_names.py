"""Names depend on what they name, not on order or chance, and hostile ones do no harm."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract import read
from tallystick.emit.naming import addresses
from tallystick.emit.plan import plan

from .conftest import Shop, document, operation

Make = Callable[..., Shop]
OK = {"200": {"description": "ok"}}


def named(tmp_path: Path, paths: Any) -> dict[str, str]:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document(paths)))
    found, _ = addresses(read(path, name="api"))
    return {id_: f"{address.noun}.{address.verb}" for id_, address in found.items()}


@pytest.mark.parametrize(
    ("method", "path", "more", "expected"),
    [
        ("post", "/api/x", {"operationId": "createDataSession", "tags": ["dataSessions"]}, "data_sessions.create"),
        ("get", "/pet/findByStatus", {"operationId": "findPetsByStatus", "tags": ["pet"]}, "pet.find_by_status"),
        ("get", "/v1/customers", {}, "customers.list"),
        ("post", "/v1/customers", {}, "customers.create"),
        ("get", "/v1/customers/{id}", {}, "customers.retrieve"),
        ("patch", "/v1/customers/{id}", {}, "customers.update"),
        ("post", "/v1/customers/{id}", {"operationId": "PostCustomersId"}, "customers.update"),
        ("delete", "/v1/customers/{id}", {}, "customers.delete"),
        ("get", "/v1/customers/{id}/cards.json", {}, "customers.list_cards"),
        ("post", "/v1/charges/{id}/capture", {}, "charges.capture"),
        ("get", "/v1/customers/{id}/cards", {}, "customers.list_cards"),
        ("post", "/v1/customers/{id}/cards", {}, "customers.create_cards"),
        ("post", "/images", {"operationId": "textToImage", "tags": ["images"]}, "images.text_to_image"),
        (
            "delete",
            "/sites/{site}/assets/{asset}",
            {"operationId": "deleteSiteAsset", "tags": ["assets"]},
            "assets.delete_site_asset",
        ),
        ("get", "/users/{id}", {"operationId": "getCurrentUser", "tags": ["users"]}, "users.get_current"),
        ("get", "/users", {"operationId": "searchUserIDs", "tags": ["APIs"]}, "apis.search_user_ids"),
        ("get", "/items/{id}", {"operationId": "read_item_items__id__get", "tags": ["items"]}, "items.read"),
        ("get", "/v1/stats", {"operationId": "top_ten_v1_stats_get"}, "stats.top_ten"),
        ("post", "/agreements", {"operationId": "Create an agreement", "tags": ["Agreements"]}, "agreements.create"),
    ],
)
def test_nouns_and_verbs(tmp_path: Path, method: str, path: str, more: Any, expected: str) -> None:
    placeholders = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in placeholders]
    op = {"responses": OK, "parameters": parameters, **more}
    assert list(named(tmp_path, {path: {method: op}}).values()) == [expected]


PATHS = {
    "/pets": {"get": {"responses": OK}, "post": {"responses": OK}},
    "/pets/{id}": {
        "get": {
            "responses": OK,
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        }
    },
    "/owners": {"get": {"responses": OK, "operationId": "findOwners", "tags": ["owners"]}},
    "/owner": {"get": {"responses": OK, "operationId": "ownersFind", "tags": ["owners"]}},
}


def test_one_more_operation_and_another_order_rename_nothing(tmp_path: Path) -> None:
    before = named(tmp_path, PATHS)
    assert before["findOwners"] == "owners.find"
    more = {**PATHS, "/pets/{id}/toys": {"get": {**PATHS["/pets/{id}"]["get"]}}}
    assert {k: v for k, v in named(tmp_path, more).items() if k in before} == before
    assert named(tmp_path, dict(reversed(PATHS.items()))) == before
    assert not [name for name in before.values() if name[-1].isdigit()]


def test_paths_alike_are_told_apart_by_their_parameters_and_methods(tmp_path: Path) -> None:
    def at(*placeholders: str) -> Any:
        given = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in placeholders]
        return {"responses": OK, "parameters": given}

    paths = {
        "/timeline": {"get": at()},
        "/timeline/{userName}": {"get": at("userName")},
        "/timeline/{userName}/{post-id}": {"get": at("userName", "post-id")},
        "/timeline/{userName}/old/{post-id}": {"get": at("userName", "post-id")},
        "/timeline/{userName}/{old}/{post-id}": {"get": at("userName", "old", "post-id")},
        "/delay/{seconds}": {"patch": at("seconds"), "post": at("seconds")},
    }
    assert list(named(tmp_path, paths).values()) == [
        "timeline.retrieve",
        "timeline.retrieve_by_user_name",
        "timeline.retrieve_by_post_id",
        "timeline.retrieve_old",
        "timeline.retrieve_by_user_name_and_old_and_post_id",
        "delay.patch",
        "delay.update",
    ]


def test_names_that_clash_are_told_apart_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document(PATHS)))
    planned = plan(read(path, name="api"))
    assert [f.message for f in planned.findings] == [
        "several operations would be called owners.find: findOwners, ownersFind"
    ]


def test_the_hash_seed_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(document(PATHS)))
    code = (
        "import hashlib, pathlib, sys; from tallystick.contract import read; from tallystick.emit.plan import plan\n"
        "files = plan(read(pathlib.Path(sys.argv[1]), name='api')).files\n"
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())"
    )
    root = str(Path(__file__).parents[2] / "generator")
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "api.json")],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


HOSTILE = [
    "../../etc/passwd",
    '"""\nimport os; os.system("x")\n"""',
    "'); import os #",
    "__class__",
    "class",
    "None",
    "print",
    "import os\n",
    "\u2028x",
    "日本語",
    "{{ 7*7 }}",
    "",
    "self",
    "\\",
    "list",
    "a" * 300,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_words_become_harmless_text(make: Make, name: str) -> None:
    schema = {"type": "object", "description": name, "properties": {name: {"type": "string", "description": name}}}
    op = operation(
        operationId=name or "x",
        tags=[name or "x"],
        summary=name,
        description=name,
        parameters=[
            {"name": name or "p", "in": "query", "description": name, "schema": {"enum": [name], "type": "string"}}
        ],
        requestBody={"required": True, "content": {"application/json": {"schema": schema, "example": {name: name}}}},
    )
    shop = make(document({"/things": {"post": op}}, tags=[{"name": name or "x", "description": name}]), "shop")
    for path, text in shop.plan.files.items():
        assert ".." not in path
        assert not path.startswith("/")
        if path.endswith(".py"):
            calls = [ast.unparse(n.func) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
            assert "os.system" not in calls
            assert all(len(node.names) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import))
            assert "import os\n" not in [line for line in text.splitlines(keepends=True) if "os.environ" not in text]
