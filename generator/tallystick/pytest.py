"""Contract tests inside pytest: one test for each operation of a contract.

In a test module:

    from tallystick.pytest import contract_tests

    test_shop = contract_tests("openapi.yaml", app=create_app())
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract import Contract, read
from tallystick.errors import TallystickError
from tallystick.settings import find
from tallystick.verify import Plan, Result, Target, at_url, in_process, local_mock, run
from tallystick.verify.report.text import as_failure
from tallystick.verify.server.routes import label

WHOLE = "the whole API"


def contract_tests(
    contract: str | Path, *, url: str | None = None, app: Any = None, **options: Any
) -> Callable[[str], None]:
    """Return a test to assign to a name that begins with `test`: one case for each operation.

    `contract` is a contract's name or a document's path. The server is the one at `url`, the ASGI application `app`,
    or else our own mock; `options` are those of `Plan`, such as `seed` and `max_examples`. The server is tested once,
    when the first of the cases runs. Raises what reading a contract raises.
    """
    document = find(str(contract))
    described = read(document.document, name=document.name, root=document.root)
    plan = Plan(**options)

    operations = [label(operation) for operation in described.operations]

    @cache
    def result() -> Result | TallystickError:
        try:
            return run(described, _target(described, document.folder, plan, url, app), plan, folder=document.folder)
        except TallystickError as error:  # kept, so that nobody waits for it once for each operation
            return error

    @pytest.mark.parametrize("operation", [*operations, WHOLE])
    def test(operation: str) -> None:
        outcome = result()
        if isinstance(outcome, TallystickError):
            pytest.fail(f"{outcome}\nhint: {outcome.hint}" if outcome.hint else str(outcome), pytrace=False)
        subjects = {f.operation for f in outcome.failures} - {*operations} if operation == WHOLE else {operation}
        found = [failure for failure in outcome.failures if failure.operation in subjects]
        if found:
            pytest.fail("\n\n".join(map(as_failure, found)), pytrace=False)

    return test


def _target(contract: Contract, folder: Path | None, plan: Plan, url: str | None, app: Any) -> Target:
    if url is not None:
        return at_url(contract, url, plan)
    return in_process(contract, app, "the application") if app is not None else local_mock(contract, folder, plan)
