"""JSON to bytes and back, as fast as it goes."""

from __future__ import annotations

import json

import orjson

from tallystick.load import Json


def encode(value: object) -> bytes:
    """Return a value as compact JSON in UTF-8.

    It is a copy that takes no more memory than it needs, since most of what is encoded is kept: what the encoder
    returns has room to grow, and holds on to some 8 KiB.
    """
    try:
        return memoryview(orjson.dumps(value)).tobytes()
    except TypeError:  # a number beyond 64 bits, or half of a surrogate pair
        return json.dumps(value, separators=(",", ":")).encode()


def decode(text: bytes) -> Json:
    """Return the value of JSON that `encode` has made."""
    value: Json
    try:
        value = orjson.loads(text)
    except ValueError:
        value = json.loads(text)
    return value
