"""Strings that fit formats, patterns and lengths; and the words of a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from random import Random

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "iris", "juniper")


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _date(random: Random) -> str:
    return f"20{random.randrange(20, 30)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


def _time(random: Random) -> str:
    return f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}Z"


def _host(random: Random) -> str:
    return f"{random.choice(_WORDS)}.example"


_FORMATS: dict[str, Callable[[Random], str]] = {
    "date": _date,
    "date-time": lambda r: f"{_date(r)}T{_time(r)}",
    "time": _time,
    "duration": lambda r: f"P{r.randrange(1, 30)}D",
    "email": lambda r: f"{r.choice(_WORDS)}@{_host(r)}",
    "idn-email": lambda r: f"{r.choice(_WORDS)}@{_host(r)}",
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": lambda r: f"192.0.2.{r.randrange(1, 255)}",
    "ipv6": lambda r: f"2001:db8::{r.randrange(1, 0xFFFF):x}",
    "uri": lambda r: f"https://{_host(r)}/{r.choice(_WORDS)}",
    "url": lambda r: f"https://{_host(r)}/{r.choice(_WORDS)}",
    "iri": lambda r: f"https://{_host(r)}/{r.choice(_WORDS)}",
    "uri-reference": lambda r: f"/{r.choice(_WORDS)}",
    "iri-reference": lambda r: f"/{r.choice(_WORDS)}",
    "uri-template": lambda r: f"/{r.choice(_WORDS)}/{{id}}",
    "json-pointer": lambda r: f"/{r.choice(_WORDS)}",
    "relative-json-pointer": lambda r: f"0/{r.choice(_WORDS)}",
    "regex": lambda r: f"^{r.choice(_WORDS)}$",
    "uuid": _uuid,
    "byte": lambda _: "c2FtcGxl",
    "base64": lambda _: "c2FtcGxl",
    "char": lambda r: r.choice(_LETTERS),
    "decimal": lambda r: f"{r.randrange(1, 1000)}.{r.randrange(100):02}",
    "int64": lambda r: str(r.randrange(1, 1000)),
    "int32": lambda r: str(r.randrange(1, 1000)),
}
_ODDITIES = ("1", "a", "A", "AA", "1.00", "a@b.example", "https://a.example", "2024-01-01", "+491234567", "en", "EUR")
"""Strings that satisfy many patterns which can't be taken apart, such as those that look ahead."""


def candidates(
    random: Random, *, form: str, patterns: Sequence[str], shortest: int, longest: int | None
) -> Iterator[str]:
    """Yield strings that may fit, likely ones first; the caller checks them."""
    for pattern in patterns:
        for _ in range(4):
            text = matching(pattern, random)
            if text is not None:
                yield text
                yield fitted(text, shortest, longest, random)
    if form in _FORMATS:
        yield from (_FORMATS[form](random) for _ in range(2))
        yield from (_lengthened(form, _FORMATS[form](random), shortest) for _ in range(1 if shortest else 0))
    if patterns:
        yield from _ODDITIES
        if shortest:
            yield from (character * shortest for character in "1aA")
    yield fitted(_FORMATS[form](random) if form in _FORMATS else random.choice(_WORDS), shortest, longest, random)


def _lengthened(form: str, text: str, shortest: int) -> str:
    """Return a text made longer in the way that its format allows."""
    missing = shortest - len(text)
    match form:
        case "date-time" | "time" if missing > 0:
            offset = "+00:00" if missing >= len("+00:00") - 1 else "Z"
            digits = missing - len(offset)
            return text.removesuffix("Z") + (f".{'0' * max(digits, 1)}" if missing != 5 else "") + offset
        case "uri" | "url" | "iri" | "uri-reference" | "iri-reference" | "uri-template" | "json-pointer":
            return text + "a" * missing
        case "email" | "idn-email" | "hostname" | "idn-hostname":
            return "a." * (missing // 2) + "a" * (missing % 2) + text
        case _:
            return text


def fitted(text: str, shortest: int, longest: int | None, random: Random) -> str:
    """Return a text made longer or cut so that its length fits."""
    if len(text) < shortest:
        text += "".join(random.choice(_LETTERS) for _ in range(shortest - len(text)))
    return text if longest is None else text[:longest]


def identifier(seed: str, like: str | None) -> str:
    """Return the identifier that a seed gives, in the form of an existing one.

    The forms are UUID, hexadecimal digits with or without a prefix, and else 20 hexadecimal digits.
    """
    digits = blake2b(seed.encode(), digest_size=32).hexdigest()
    form = _form_of(like) if like is not None else ("", 20)
    if form is None:
        digits = digits[-32:]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    prefix, size = form
    return prefix + digits[-size:]


@lru_cache(maxsize=256)
def _form_of(like: str) -> tuple[str, int] | None:
    """Return the prefix of an identifier and how many digits follow, `None` for a UUID."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", like):
        return None
    parts = re.fullmatch(r"(\w*[-_])?([0-9a-f]{24,64})", like)
    return (parts[1] or "", len(parts[2])) if parts is not None else ("", 20)


def matching(pattern: str, random: Random) -> str | None:
    """Return a string that an ECMA 262 pattern probably matches, `None` when it can't be taken apart."""
    translated = _as_python(pattern)
    if translated is None:
        return None
    from tallystick.mock.values.xeger import Matching

    try:
        return Matching(random).xeger(translated)
    except (KeyError, ValueError, IndexError, RecursionError, OverflowError):
        return None


@lru_cache(maxsize=1024)
def _as_python(pattern: str) -> str | None:
    text = re.sub(r"\\p\{[^}]*\}", "a-z" if "[" in pattern else "[a-z]", pattern)
    text = re.sub(r"\(\?<(?![=!])", "(?P<", text).replace(r"\/", "/")
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return None
    return text


def words(name: str) -> str:
    """Return a name in lower case, words joined by `_`, without what only says that it is special."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower().strip("_")
