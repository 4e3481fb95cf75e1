"""What the answer to a method that there is not says of those that there are."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

from tallystick.contract.model import Operation
from tallystick.verify.checks.answer import REGISTERED, Broken, knowledge_of

_REFUSED = 405
_BY_FRAMEWORKS = frozenset(("HEAD", "OPTIONS"))
"""Methods that frameworks list by themselves, also where something before them refuses those."""


@schemathesis.check
def allow_names_methods(context: CheckContext, response: Response, case: Case[Any]) -> bool | None:  # noqa: ARG001
    """The `Allow` header of a 405 lists the methods of its path (RFC 9110, section 15.5.6).

    Several frameworks list only those of the first handler that they find for a path. So where the contract does not
    document the 405, it is enough that `Allow` names one of the path's methods, and not the one that was refused.
    """
    known = knowledge_of(response, case)
    if known is None or response.status_code != _REFUSED or "allow" not in response.headers:
        return True  # that it is missing, Schemathesis says
    if len(known.routes.paths(str(response.request.url))) > 1:
        return True  # the values in the path make it another one
    listed = ", ".join(response.headers["allow"])
    allowed = {name.strip().upper() for name in listed.split(",")}
    here = [o for o in known.contract.operations if o.path == case.operation.path]
    missing = sorted({o.method for o in here} - allowed)
    refused = str(response.request.method)
    if refused in allowed - _BY_FRAMEWORKS:
        raise Broken("Allow names the method that is refused", f"{refused} is answered with 405, Allow: {listed}.")
    if missing and (_documented(here) or len(missing) == len({o.method for o in here})):
        raise Broken(f"Allow lacks {', '.join(missing)}", f"The answer has Allow: {listed or 'nothing'}.")
    return None


def _documented(operations: list[Operation]) -> bool:
    return any(outcome.status == str(_REFUSED) for o in operations for outcome in o.outcomes)


REGISTERED.append(allow_names_methods)
