"""What reports show in place of credentials: the shell words that bring them back from the environment.

Checks send credentials that are almost right; what they cut or turn around gives the right ones away as well.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from tallystick.contract.model import SecurityScheme
from tallystick.verify.server.auth import value_names, variable

NOBODYS_TOKEN, NOBODYS_NAME = "Bearer tallystick", "Basic dGFsbHk6c3RpY2s="
"""Values of `Authorization` that were never anybody's."""
_SHORTEST = 3
_TURNS: tuple[tuple[Callable[[str], str], str], ...] = (
    (lambda text: text, "${%s}"),
    (lambda text: text + "x", "${%s}x"),
    (lambda text: f"{text},x", "${%s},x"),
    (lambda text: f"x,{text}", "x,${%s}"),
    (lambda text: text[:-1] + ("x" if text[-1:] != "x" else "y"), "${%s%%?}x"),
    (lambda text: f"no-{text[::-1]}", 'no-$(printf %%s "${%s}" | rev)'),
    (str.swapcase, '$(printf %%s "${%s}" | tr a-zA-Z A-Za-z)'),
    (lambda text: text[:-1], "${%s%%?}"),
    (lambda text: text[1:], "${%s#?}"),
)
"""What checks make of a value, and how a shell makes it."""
_VALUE = r"\$\{(TALLYSTICK_\w+)([%#]\?)?\}"
_FILTERS = {"base64": "", "tr -d '\\n'": "", "rev": "[::-1]", "tr a-zA-Z A-Za-z": ".swapcase()"}
_ONE = "|".join(map(re.escape, _FILTERS))
_PIPED = rf'\$\(printf %s "((?:\$\{{TALLYSTICK_\w+[%#?]*\}}|[^"$])*)"((?: \| (?:{_ONE}))+)\)'
_CUTS = {"%?": "[:-1]", "#?": "[1:]"}
_WORD = re.compile(f"{_PIPED}|{_VALUE}")
_NOTHING = re.compile(
    rf"(?i:basic) (?:Og==|IDog|Kjoq)|(?i:bearer)[ *]*|{NOBODYS_TOKEN}|{re.escape(NOBODYS_NAME)}|[ *]*"
)
"""Values of headers in which credentials are empty, blank, an asterisk, or nobody's."""
_EMPTY_COOKIE = re.compile(r"[^=;]*=[ *]*")


def proves_nothing(name: str, value: str) -> bool:
    """Say whether a header that should prove who calls has nothing in it that could."""
    empty = _EMPTY_COOKIE.fullmatch(value) if name.lower() == "cookie" else None
    return (empty or _NOTHING.fullmatch(value)) is not None


def stand_ins(scheme: SecurityScheme, values: Mapping[str, str], suffix: str = "") -> Iterator[tuple[str, str]]:
    """Yield what may be sent of a caller's credentials, with the shell words that make it."""
    names = {name: variable(scheme.name, name, suffix) for name in value_names(scheme) if values.get(name)}
    for turn, shell in _TURNS:
        if set(names) == {"username", "password"}:
            pair = ":".join(turn(values[name]) for name in ("username", "password"))
            yield base64.b64encode(pair.encode()).decode(), _pair(shell, names["username"], names["password"])
        for name, called in names.items():
            made = turn(values[name])
            if len(made) >= _SHORTEST:
                yield made, shell % called
                yield quote(made, safe=""), (shell % called).replace(",", "%2C")


def _pair(shell: str, username: str, password: str) -> str:
    """Return the shell words for a name and a password, turned in one way, as HTTP basic has them."""
    if "| rev" in shell:
        words, by = f"${{{password}}}-on:${{{username}}}-on", " | rev"
    elif "| tr" in shell:
        words, by = f"${{{username}}}:${{{password}}}", " | tr a-zA-Z A-Za-z"
    else:
        words, by = f"{shell % username}:{shell % password}", ""
    return f"$(printf %s \"{words}\"{by} | base64 | tr -d '\\n')"


def split(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Yield the parts of a text: plain ones, and those that bring a credential back, with their match."""
    end = 0
    for found in _WORD.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], None
        yield found[0], found
        end = found.end()
    if end < len(text):
        yield text[end:], None


def in_python(text: str) -> str:
    """Return a Python expression for a text with credentials in it."""
    parts = [repr(part) if match is None else _python(match) for part, match in split(text)]
    return " + ".join(parts) or "''"


def _python(match: re.Match[str]) -> str:
    inner, by, name, cut = match.groups()
    if name:
        return f"os.environ[{name!r}]{_CUTS.get(cut or '', '')}"
    made = f"({in_python(inner)})"
    for one in by.split(" | ")[1:]:
        made = f"base64.b64encode({made}.encode()).decode()" if one == "base64" else f"{made}{_FILTERS[one]}"
    return made
