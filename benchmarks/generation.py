"""What a whole package costs, beside the models alone by a bare datamodel-code-generator; and what it costs again.

`python benchmarks/generation.py [DOCUMENT] [--rounds N]`: each run is a process of its own. The bare run has those
settings of ours that its command line offers, its fastest formatter among them. Unless told otherwise it writes the
component schemas; "all models" are also those of the bodies and answers that operations describe themselves, which is
what a package has. Two tables: processor time of all processes, user and system; and time on the wall, where a large
package gains from a second processor.
Without a document, one of our own making: 120 resources, 480 operations, 600 schemas.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import peers
from side_by_side import Subject, report, rounds

BARE, ALL = "datamodel-code-generator", "datamodel-code-generator, all models"
FIRST = "tallystick, whole package"
AGAIN, CHECK = "tallystick, unchanged, again", "tallystick, unchanged, --check"
SETTINGS = (
    *("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"),
    *("--target-python-version", "3.11", "--disable-timestamp", "--no-treat-dot-as-module"),
    *("--disable-warnings", "--use-annotated", "--field-constraints", "--use-double-quotes", "--strict-nullable"),
    *("--enum-field-as-literal", "all", "--use-schema-description", "--use-field-description"),
    *("--use-standard-collections", "--use-union-operator", "--output-datetime-class", "AwareDatetime"),
)
PEAKS: dict[str, list[float]] = {}
WALL: dict[str, list[float]] = {}


def large() -> dict[str, Any]:
    """A document with many of everything: `large` in the sense of providers that have grown for years."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in range(120):
        noun = f"Thing{chr(65 + number % 26)}{chr(65 + number // 26)}"
        schemas |= things(noun, f"Thing{chr(65 + (number + 1) % 26)}A")
        paths |= routes(noun)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0"},
        "servers": [{"url": "https://things.example"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def things(noun: str, other: str) -> dict[str, Any]:
    """The five schemas of one resource, which refers to another one."""
    text: dict[str, Any] = {"type": "string", "description": f"What people call the {noun}."}
    money = {"type": "integer", "minimum": 0, "description": "Minor units."}
    members = {f"member{i}": {"type": "string", "maxLength": 40 + i} for i in range(12)}
    state = {"type": "string", "enum": ["draft", "open", "closed"], "description": "Where it stands."}
    status = {"$ref": f"#/components/schemas/{noun}State"}
    body = {"type": "object", "required": ["name"], "properties": {"name": text, "amount": money, **members}}
    found = {"id": text, "createdAt": {"type": "string", "format": "date-time"}, "state": status}
    related = {"related": {"type": "array", "items": {"$ref": f"#/components/schemas/{other}"}}}
    whole = {"type": "object", "required": ["id", "name"], "properties": {**found, **body["properties"], **related}}
    listed = {"type": "array", "items": {"$ref": f"#/components/schemas/{noun}"}}
    page = {"type": "object", "required": ["data"], "properties": {"data": listed, "next": text}}
    patch = {"type": "object", "properties": {"name": text, "amount": {"anyOf": [money, {"type": "null"}]}}}
    return {noun: whole, f"{noun}State": state, f"{noun}Request": body, f"{noun}Page": page, f"{noun}Patch": patch}


def routes(noun: str) -> dict[str, Any]:
    """The four operations of one resource."""

    def operation(name: str, answer: str, body: str = "") -> dict[str, Any]:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}}
        found: dict[str, Any] = {
            "operationId": name,
            "tags": [noun],
            "summary": f"{name}, as often as you like.",
            "responses": {"200": {"description": "Done.", "content": content}},
        }
        if body:
            schema = {"$ref": f"#/components/schemas/{body}"}
            found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        return found

    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    one = {"parameters": [key], "get": operation(f"get{noun}", noun)}
    one["patch"] = operation(f"update{noun}", noun, f"{noun}Patch")
    many = {
        "get": operation(f"list{noun}s", f"{noun}Page"),
        "post": operation(f"create{noun}", noun, f"{noun}Request"),
    }
    return {f"/{noun}": many, f"/{noun}/{{id}}": one}


def spent(name: str, command: list[str], fresh: Path | None = None) -> float:
    """Run a command, return its processor seconds, remember its peak memory and time. `fresh` is removed before."""
    if fresh:
        shutil.rmtree(fresh, ignore_errors=True)
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command,
        env=peers.ENVIRON,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}"
    WALL.setdefault(name, []).append(time.perf_counter() - started)
    PEAKS.setdefault(name, []).append(used.ru_maxrss / 1024)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print two tables of time and one of memory; 1 if a bound is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("document", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = given.document or Path(folder) / "things.json"
        if given.document is None:
            document.write_text(json.dumps(large()))
        first, again = Path(folder) / "first", Path(folder) / "again"
        program = str(Path(sys.executable).parent / "datamodel-codegen")
        engine = [program, "--input", str(document), "--output", str(Path(folder) / "bare.py"), *SETTINGS]
        bare, every = [*engine, "--openapi-scopes", "schemas"], [*engine, "--openapi-scopes", "schemas", "paths"]
        assert peers.run(peers.tallystick(document, again))
        rows = [
            Subject(BARE, partial(spent, BARE, bare), BARE),
            Subject(ALL, partial(spent, ALL, every), BARE),
            Subject(FIRST, partial(spent, FIRST, peers.tallystick(document, first), first), BARE, 1.3),
            Subject(AGAIN, partial(spent, AGAIN, peers.tallystick(document, again)), FIRST, 0.1),
            Subject(CHECK, partial(spent, CHECK, peers.tallystick(document, again, "--check")), FIRST, 0.1),
        ]
        taken = rounds(rows, given.rounds, lambda run: run())  # type: ignore[arg-type, return-value]
    failed = report(f"{document.name}, processor time", rows, taken)
    failed |= report(f"{document.name}, time on the wall", rows, WALL)
    print("\npeak memory of the process")
    for row in rows:
        print(f"  {row.name:43}  {median(PEAKS[row.name]):6.0f} MiB")
    return failed


if __name__ == "__main__":
    sys.exit(main())
