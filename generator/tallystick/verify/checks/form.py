"""The form of answers, where JSON parsers are kinder than the standard."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from tallystick.verify.checks.answer import Answer, Broken, check

_CHARSET = re.compile(r";\s*charset=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"


@check
def strict_json(answer: Answer) -> None:
    """A JSON answer is JSON for every parser: no NaN, no member twice, UTF-8 without a mark at its start."""
    types = answer.response.headers.get("content-type", [""])
    if "json" not in types[0].split(";")[0] or not answer.response.content:
        return
    charset = _CHARSET.search(types[0])
    if charset is not None and charset[1].lower() not in ("utf-8", "us-ascii"):
        raise Broken(f"The JSON answer says that it is {charset[1]}", "JSON is UTF-8 (RFC 8259, section 8.1).")
    if answer.response.content.startswith(_BOM):
        raise Broken("The JSON answer begins with a byte order mark", "RFC 8259, section 8.1 forbids it.")
    try:
        text = answer.response.content.decode()
    except UnicodeDecodeError as error:
        raise Broken("The JSON answer is not UTF-8", str(error)) from error
    try:
        json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError):
        return  # no JSON at all: the schema's check says so


def _no_number(name: str) -> NoReturn:
    raise Broken(f"The JSON answer holds {name}", "That is no JSON number.")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(n for n in names if names.count(n) > 1)
        raise Broken("The JSON answer has a member twice", f"It is {double!r}.")
    return made


@check
def no_body_where_none_belongs(answer: Answer) -> None:
    """A 204 has no body."""
    if answer.response.status_code == 204 and answer.response.content:
        raise Broken("An answer 204 has a body", "Clients will not read it, or take it for the next answer.")
