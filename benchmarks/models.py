"""What a whole package costs to generate, beside models alone from a bare datamodel-code-generator.

`python benchmarks/models.py DOCUMENT`, for example Stripe's. Every run is a process of its own, start-up included.
Bare means: the engine's own command line on the same document, with the settings that give the same classes and
nothing that costs more (standard preset, builtin formatter, docstrings). "Components alone" leaves out the bodies of
requests and answers, which a client can't do without; it is shown for orientation.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from side_by_side import Subject, report, rounds

ROUNDS = 3
GENERATOR = Path(__file__).parent.parent / "generator"
BARE = (
    *("--input-file-type", "openapi", "--preset", "standard-py311-20261027", "--formatters", "builtin"),
    *("--no-treat-dot-as-module", "--enum-field-as-literal", "all", "--disable-warnings", "--ignore-pyproject"),
    *("--use-schema-description", "--use-field-description"),
)
WITH_BODIES = ("--openapi-scopes", "schemas", "paths", "parameters")
PACKAGE = """
import sys
from pathlib import Path
from tallystick.contract import read
from tallystick.emit.plan import Options, plan
plan(read(Path(sys.argv[1]), name="benchmark"), Options())
"""
MODELS = """
import sys
from pathlib import Path
from tallystick.contract import read
from tallystick.emit.models import build_models
build_models(read(Path(sys.argv[1]), name="benchmark"))
"""


def run(*arguments: str) -> None:
    """Run Python with our sources; raises when it fails."""
    env = {**os.environ, "PYTHONPATH": str(GENERATOR)}
    command = [sys.executable, *arguments]
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own arguments


def bare(document: str, *options: str) -> None:
    """Run the engine's command line alone."""
    with tempfile.TemporaryDirectory() as folder:
        run("-m", "datamodel_code_generator", "--input", document, "--output", f"{folder}/m.py", *BARE, *options)


def main(document: str) -> int:
    """Print the table; return 1 when a bound is exceeded."""
    unit = "bare engine, same classes"
    subjects = [
        Subject(unit, lambda: bare(document, *WITH_BODIES), unit),
        Subject("bare engine, components alone", lambda: bare(document), unit),
        Subject("our models", lambda: run("-c", MODELS, document), unit),
        Subject("our whole package", lambda: run("-c", PACKAGE, document), unit, bound=1.3),
    ]
    return report(f"Generating from {Path(document).name}", subjects, rounds(subjects, ROUNDS))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
