"""What importing a generated package costs in time and memory, beside importing what it depends on.

`python benchmarks/imports.py`: each import in a process of its own, user and system time together.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

from side_by_side import Subject, report, rounds

GENERATED = Path(__file__).parent.parent / "generated"
ROUNDS = 7
DEPENDENCIES = "pydantic and httpx2"
PEAKS: dict[str, list[float]] = {}

STATEMENTS = {
    DEPENDENCIES: "import pydantic, httpx2",
    "ivy_api": "import ivy_api",
    "worldline_connect": "import worldline_connect",
    "ivy_api, a client": "from ivy_api import Ivy; Ivy(api_key='k')",
    "ivy_api, its first resource and 111 models": "from ivy_api import Ivy; Ivy(api_key='k').data_sessions.retrieve",
    "nothing": "pass",
}
BOUNDS = {"ivy_api": 1.25, "worldline_connect": 1.25}


def run(name: str) -> float:
    """Run a statement in a new process; return its processor seconds, remember its peak memory."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", STATEMENTS[name]], env={**os.environ, "PYTHONPATH": str(GENERATED)}
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    PEAKS.setdefault(name, []).append(used.ru_maxrss / 1024)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print one table of time and one of memory; 1 if an import exceeds its bound."""
    rows = [Subject(name, partial(run, name), DEPENDENCIES, BOUNDS.get(name)) for name in STATEMENTS]
    for row in rows:
        row.run()  # the first import writes bytecode
    failed = report("import", rows, rounds(rows, ROUNDS, lambda run: run()))  # type: ignore[arg-type, return-value]
    print("\npeak memory of the process")
    for name, peaks in PEAKS.items():
        print(f"  {name:42}  {median(peaks):6.1f} MiB")
    return failed


if __name__ == "__main__":
    sys.exit(main())
