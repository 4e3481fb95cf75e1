"""What a document's own examples show: a format that they break isn't meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, cast

from tallystick.contract import Schema
from tallystick.contract.model import Example
from tallystick.contract.validation import Validators, Violation
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get

_BY_FORMAT: Final = {"format": ("format",), "minimum": ("int32", "int64"), "maximum": ("int32", "int64")}


def is_shown(validators: Validators, schema: Schema, violation: Violation, examples: Iterable[Example]) -> bool:
    """Say whether a request breaks nothing but a format that an example of the document breaks as well.

    The example is the schema's own, or one of the whole value: its schema's, or one of `examples`. The range of
    `int32` is a format too.
    """
    forms = _BY_FORMAT.get(violation.keyword, ())
    holder = Schema.at(schema.document, violation.schema_pointer.rpartition("/")[0]) if forms else schema
    if not forms or (forms != ("format",) and holder.get("format") not in forms):
        return False
    return any(
        not validators.allows(holder, value, "request") for value in _told(holder, schema, violation, examples)
    )


def _told(holder: Schema, schema: Schema, violation: Violation, examples: Iterable[Example]) -> Iterator[Json]:
    """Yield the values that the document shows for a place."""
    yield from holder.examples
    if "default" in holder:
        yield holder.get("default")
    whole = (value for part in schema.parts() for value in part.examples)
    for value in (*(example.value for example in examples), *whole):
        try:
            yield cast("Json", get(value, violation.pointer))
        except NoSuchMember:
            continue
