"""Keys that a server never gave, made from keys that it gave: of their form, and yet none of them.

A server that counts gives its next key right after the last one, so a neighbour of a key may well be another
resource's. Neighbours are asked for only where keys that were given one after the other have little in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from uuid import UUID

from tallystick.load import Json

_FAR = 982_451_653
"""What a counter will not have reached soon: a prime, so that no step of ten or a hundred leads there either."""
_LARGEST = (2**31 - 1, 2**53 - 1)
"""The ends of the usual kinds of whole numbers, for a key that a schema bounds."""
_APART = 6
"""Places in which keys have to differ so that they don't come from a counter."""
_STRANGELY_LONG = 5000
_MARKS = re.compile(r"[A-Za-z0-9]+(?=[^A-Za-z0-9]*$)")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f-]+")

Fits = Callable[[Json], bool]


def far(keys: Sequence[Json], fits: Fits) -> Json:
    """Return a key of the form of these that was not given and will not be soon, `None` when no such key `fits`."""
    known = set(map(str, keys))
    candidates = _numbers(keys) if _counted(keys) else _texts([k for k in keys if isinstance(k, str)])
    return next((key for key in candidates if str(key) not in known and fits(key)), None)


def near(keys: Sequence[Json], fits: Fits) -> tuple[Json, ...]:
    """Return neighbours of the last key that can't be another's, none when keys may come from a counter."""
    texts = [key for key in keys if isinstance(key, str)]
    if len(texts) < 2 or _counted(keys) or not all(_apart(a, b) for a, b in pairwise(texts)):
        return ()
    key = texts[-1]
    turned = key[:-1] + ("0" if key[-1] != "0" else "1")
    other_case = () if _HEXADECIMAL.fullmatch(key) else (key.swapcase(),)  # hexadecimal digits are the same in both
    found = dict.fromkeys((turned, key[:-1], f"{key}0", *other_case))
    return tuple(candidate for candidate in found if candidate not in texts and fits(candidate))


def strange(keys: Sequence[Json]) -> Iterator[str]:
    """Yield texts that no server gives as keys and some stumble over: with a NUL, long, of letters of four bytes."""
    for key in (k for k in keys[-1:] if isinstance(k, str)):
        yield f"{key}\0"
        yield key * (_STRANGELY_LONG // max(1, len(key)) + 1)
        yield "\U0001f642"


def _counted(keys: Sequence[Json]) -> bool:
    return all(isinstance(k, int) or (isinstance(k, str) and k.isdecimal()) for k in keys)


def _numbers(keys: Sequence[Json]) -> Iterator[Json]:
    highest = max(int(str(key)) for key in keys)
    texts = [key for key in keys if isinstance(key, str)]
    for number in (highest + _FAR, *(n for n in _LARGEST if n > highest)):
        yield str(number).zfill(len(texts[-1])) if texts else number


def _texts(keys: Sequence[str]) -> Iterator[str]:
    """Yield keys of the same form: what stands before the last word of a long one, such as `cus_`, is kept."""
    if not keys:
        return
    key = keys[-1]
    if _is_uuid(key):
        yield str(UUID(bytes=_noise(key), version=4))
        return
    last = _MARKS.search(key)
    if last is not None and len(last[0]) >= _APART and not last[0].isdecimal():
        yield key[: last.start()] + _reshaped(last[0]) + key[last.end() :]
    if last is not None and last[0].isdecimal():
        yield key[: last.start()] + str(int(last[0]) + _FAR).zfill(len(last[0])) + key[last.end() :]
    yield f"{_reshaped(key)}{_noise(key).hex()}"
    yield _reshaped(key)


def _reshaped(text: str) -> str:
    """Return a text with every letter and digit replaced by another of its kind."""
    noise = _noise(text)
    return "".join(_other(mark, noise[i % len(noise)]) for i, mark in enumerate(text))


def _other(mark: str, by: int) -> str:
    for alphabet in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"):
        if mark in alphabet:
            return alphabet[(alphabet.index(mark) + 1 + by % (len(alphabet) - 1)) % len(alphabet)]
    return mark


def _noise(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _apart(one: str, other: str) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=False)) >= _APART
