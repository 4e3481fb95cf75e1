"""Which patterns a model can check: those that mean the same to every regular expression engine involved."""

from __future__ import annotations

import re
from functools import cache

from pydantic_core import SchemaError, SchemaValidator, core_schema


@cache
def is_checkable(pattern: str) -> bool:
    """Say whether Python's `re` (msgspec) and Rust's `regex` (pydantic) both take a pattern.

    JSON Schema's are ECMAScript's: look-ahead, `\\p{L}` in one and back-references in the other are out.
    """
    try:
        re.compile(pattern)
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except (re.error, SchemaError, RecursionError, OverflowError):
        return False
    return True
