"""What `--only` leaves out, and that what is left works alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tallystick.emit.plan import Options, plan
from tallystick.errors import UsageError
from tallystick.settings import find

from .conftest import contract, write

LIBRARIES = {"pydantic": "pydantic", "msgspec": "msgspec", "dataclass": "", "typeddict": ""}
HTTP = ("httpx2", "starlette", "jsonschema_rs", "pydantic", "msgspec")


@pytest.mark.parametrize("flavour", LIBRARIES)
def test_models_alone_need_their_library_and_no_other(tmp_path: Path, flavour: Any) -> None:
    planned = plan(contract("ivy"), Options(only="models", models=flavour, name="just_models"))
    folder = write(planned, tmp_path)
    assert not {"client.py", "errors.py", "app.py", "resources/__init__.py"} & set(planned.files)
    project = (folder / "pyproject.toml").read_text()
    assert [name for name in HTTP if f'"{name}>=' in project.replace("-", "_")] == [
        n for n in [LIBRARIES[flavour]] if n
    ]
    program = f"import sys, just_models.models; print([n for n in {HTTP!r} if n in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == repr([n for n in HTTP if n == LIBRARIES[flavour]])


@pytest.mark.parametrize("name", ["ivy", "ivy-legacy", "worldline"])
def test_a_server_half_has_no_client_in_it_and_is_the_same_every_time(name: str) -> None:
    options = Options(only="server", spec=find(name).folder)
    planned = plan(contract(name), options)
    assert planned.files == plan(contract(name), options).files
    assert not {"client.py", "_runtime/client.py", "_runtime/transport.py", "_runtime/request.py"} & set(
        planned.files
    )
    assert "httpx2" not in "".join(planned.files.values())
    imports = [line for text in planned.files.values() for line in text.splitlines() if "tallystick." in line]
    assert imports == []


def test_the_providers_signer_is_in_a_server_half() -> None:
    planned = plan(contract("worldline"), Options(only="server", spec=find("worldline").folder))
    assert "_runtime/v1hmac.py" in planned.files
    assert "request: Received" in planned.files["authentication.py"]


def test_a_server_half_has_pydantic_models() -> None:
    with pytest.raises(UsageError, match="msgspec"):
        plan(contract("ivy-legacy"), Options(only="server", models="msgspec"))
