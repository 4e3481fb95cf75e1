"""What no answer shows: the caller's credentials, and the inside of the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.load import Json
from tallystick.verify.checks.answer import Answer, Broken, check
from tallystick.verify.server.auth import body_of, header_text, taken_by

_SHORTEST = 6
"""Letters that a secret needs to be told from a word."""
_TRACES = re.compile(
    r"Traceback \(most recent call last\)"  # Python
    r"|at [\w.$<>]+\([\w$]+\.(java|kt|scala):\d+\)"  # the JVM
    r"|at .+\(?[\w./\\-]+\.[jt]s:\d+:\d+\)?"  # JavaScript
    r"|   at [\w.`<>]+\(.*\) in .+:line \d+"  # .NET
    r"|#0 .+\.php\(\d+\)"
    r"|\w+\.rb:\d+:in "
    r"|goroutine \d+ \[running\]"
)


@check
def no_secret_shown(answer: Answer) -> None:
    """An answer does not show the credentials that requests prove themselves with."""
    asked = (answer.response.request.url or "").encode() + body_of(answer.response.request)
    for secret in (*answer.known.secrets, *_sent(answer)):
        raw = secret.encode()
        if len(secret) >= _SHORTEST and raw in answer.response.content and raw not in asked:
            raise Broken("The answer shows a credential", "Whoever reads logs or screens can use it.")


def _sent(answer: Answer) -> Iterator[str]:
    """Yield what stands in the headers of a request to prove who sent it."""
    for scheme in taken_by(answer.known.contract, answer.operation):
        name = scheme.parameter if scheme.kind == "apiKey" and scheme.location == "header" else "Authorization"
        value = header_text(answer.response.request.headers.get(name) or "")
        yield value
        yield value.rpartition(" ")[2]


@check
def no_inside_shown(answer: Answer) -> None:
    """An error does not show where in the server's program it came from."""
    if answer.response.status_code < 400:
        return
    shown = next((found[0] for text in _texts(answer.body) if (found := _TRACES.search(text))), None)
    if shown is not None:
        raise Broken("The error shows the inside of the server", f"It has {shown!r}.")


def _texts(value: Json) -> Iterator[str]:
    stack: list[Json] = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            yield here
        elif isinstance(here, dict):
            stack += here.values()
        elif isinstance(here, list):
            stack += here
