"""Ivy's server half by hand: our verification finds nothing wrong with it, and finds what is made wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tallystick.emit.plan import Options, plan
from tallystick.verify import Plan, Result, at_import_path, run

from .conftest import call, contract, write

HERE = Path(__file__).parent
ADDRESS = {
    "create": "/api/service/data/session/create",
    "details": "/api/service/data/session/details",
    "expire": "/api/service/checkout/session/expire",
}
KEY = {"x-ivy-api-key": "test-key"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated package and the shop, as a provider would have them."""
    parent = tmp_path_factory.mktemp("shop")
    write(plan(contract("ivy"), Options(only="server", name="ivy_server")), parent)
    (parent / "ivy_shop.py").write_text((HERE / "ivy_shop.py").read_text())
    return parent


@pytest.fixture
def shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The shop, new for each test."""
    monkeypatch.setenv("TALLYSTICK_API_KEY", "test-key")
    monkeypatch.setenv("TALLYSTICK_API_KEY_OTHER", "test-other")
    monkeypatch.syspath_prepend(str(folder))
    yield import_module("ivy_shop")
    for name in [n for n in sys.modules if n.partition(".")[0] in ("ivy_shop", "ivy_server")]:
        del sys.modules[name]


def verified(**how: Any) -> Result:
    ivy = contract("ivy")
    return run(ivy, at_import_path(ivy, "ivy_shop:app"), Plan(**how))


def test_verification_finds_nothing(shop: ModuleType) -> None:
    result = verified(max_examples=3)
    assert [f"{f.operation}: {f.title}" for f in result.failures] == []
    assert [p.subject for p in result.problems] == []
    assert result.cases > 500


def forget_uniqueness(shop: ModuleType) -> None:
    shop.Shelf.require_unused = lambda *_: None


def show_to_everyone(shop: ModuleType) -> None:
    def find(self: Any, merchant: str, wanted: str) -> Any:
        found = [session for (_, key), session in self.kept.items() if key == wanted]
        if not found:
            raise shop.errors.NotFoundError("no such session")
        return found[0]

    shop.Shelf.find = find


def expire_again_and_again(shop: ModuleType) -> None:
    async def expire(self: Any, *, idempotency_key: str | None, body: Any, caller: str) -> Any:
        return self.shelf.keep(caller, self.shelf.find(caller, body.id).replace(status="expired"))

    shop.CheckoutSessions.expire = expire


def accept_any_expiry(shop: ModuleType) -> None:
    shop.expiry = lambda created, asked: created + 3600 if asked is None else asked


def forget_keys(shop: ModuleType) -> None:
    shop.CheckoutSessions.replayed = lambda *_: None


def show_another_reference(shop: ModuleType) -> None:
    keep = shop.Shelf.keep
    shop.Shelf.keep = lambda self, merchant, session: keep(self, merchant, session.replace(reference_id="other"))


@pytest.mark.parametrize(
    ("fault", "title"), [(expire_again_and_again, "lifecycle"), (show_another_reference, "echo")]
)
def test_verification_finds_a_fault(shop: ModuleType, fault: Any, title: str) -> None:
    fault(shop)
    shop.app = shop.new_app()
    result = verified(max_examples=1, phases=("examples", "walks"), first_only=True)
    assert title in str([f"{f.check} {f.title}".lower() for f in result.failures])


FAULTS = {
    forget_uniqueness: "unique",
    show_to_everyone: "tenan",
    accept_any_expiry: "window",
    forget_keys: "idempotency",
}


def test_verification_finds_several_faults_in_one_run(shop: ModuleType) -> None:
    for fault in FAULTS:
        fault(shop)
    shop.app = shop.new_app()
    result = verified(max_examples=1, phases=("examples", "walks"))
    found = str([f"{f.check} {f.title}".lower() for f in result.failures])
    assert [title for title in FAULTS.values() if title not in found] == []


def test_the_shop_is_strictly_typed(folder: Path, complaints: Callable[[Path], str]) -> None:
    assert complaints(folder) == ""
    assert not [p for p in (folder / "ivy_server").rglob("*.py") if "type: ignore" in p.read_text()]


WRONG = """
from ivy_server import models
from ivy_server.handlers.data_sessions import DataSessions


class Wrong:
    async def create(self, *, body: int, caller: str) -> int:
        return body

    async def retrieve(self, *, body: models.DataSessionIdRequest, caller: str) -> models.DataSession:
        raise NotImplementedError


answers: DataSessions[str] = Wrong()
"""


def test_a_handler_of_the_wrong_type_does_not_pass(folder: Path) -> None:
    (folder / "wrong.py").write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "wrong.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    (folder / "wrong.py").unlink()
    assert done.returncode == 1
    assert 'variable has type "DataSessions[str]"' in done.stdout


def test_errors_are_ivys_own(shop: ModuleType) -> None:
    unauthenticated = call(shop.app, "POST", ADDRESS["create"], json={"referenceId": "r"})
    assert (unauthenticated.status_code, unauthenticated.json()["code"]) == (401, "UNAUTHENTICATED")
    malformed = call(
        shop.app, "POST", ADDRESS["create"], content=b"{", headers={**KEY, "content-type": "application/json"}
    )
    assert (malformed.status_code, malformed.json()["code"]) == (400, "VALIDATION")
    invalid = call(shop.app, "POST", ADDRESS["create"], json={"referenceId": "r", "expiresAt": 1}, headers=KEY)
    assert invalid.status_code == 400
    assert "createdAt" in invalid.json()["message"]
    unknown = call(shop.app, "POST", ADDRESS["details"], json={"id": "ds_0"}, headers=KEY)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")
