"""What other generators make of the same document, for the tables: generated anew, imported from a scratch folder.

They live in a virtual environment of their own, because none of them is a dependency of this project:

    uv venv build/peers --python 3.11
    uv pip install --python build/peers/bin/python openapi-python-client openapi-generator-cli python-dateutil

openapi-generator also needs a Java runtime. What isn't there has no row in the tables.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRON = {**os.environ, "PYTHONPATH": str(HERE.parent / "generator")}
ENVIRONMENT = HERE.parent / "build" / "peers"


def openapi_python_client(document: Path, out: Path) -> list[str]:
    """Return the command that writes a package to `out`."""
    program = str(ENVIRONMENT / "bin" / "openapi-python-client")
    return [program, "generate", "--path", str(document), "--meta", "none", "--output-path", str(out), "--overwrite"]


def openapi_generator(document: Path, out: Path) -> list[str]:
    """Return the command that writes a project to `out`, with a package of the same name inside."""
    program = str(ENVIRONMENT / "bin" / "openapi-generator-cli")
    return [program, "generate", "-i", str(document), "-g", "python", "--package-name", out.name, "-o", str(out)]


def datamodel_client(document: Path, out: Path) -> list[str]:
    """Return the command that writes datamodel-code-generator's own client, and its models, to `out`."""
    program = str(Path(sys.executable).parent / "datamodel-codegen")
    return [
        *(program, "--input", str(document), "--input-file-type", "openapi", "--disable-timestamp"),
        *("--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin", "--disable-warnings"),
        *("--output", f"{out}_models.py", "--generate-client", "httpx2", "--client-output", str(out)),
        *("--client-model-package", f"{out.name}_models", "--client-package", out.name),
    ]


def tallystick(document: Path, out: Path, *more: str) -> list[str]:
    """Return our own command."""
    return [sys.executable, "-m", "tallystick", "generate", str(document), "--out", str(out), *more]


def run(command: list[str]) -> bool:
    """Run one command quietly; say whether it could be run and ended well."""
    if not Path(command[0]).exists():
        return False
    return subprocess.run(command, capture_output=True, timeout=600, check=False, env=ENVIRON).returncode == 0  # noqa: S603


def importable(scratch: Path) -> None:
    """Let generated packages be imported, and what they need that is in the environment of the others."""
    sys.path.insert(0, str(scratch))
    sys.path += [str(path) for path in ENVIRONMENT.glob("lib/python3*/site-packages")]
