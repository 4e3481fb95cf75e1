"""Keys of new resources: new ones, in the form that the contract shows, and such as paths take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tallystick.contract import Contract, Schema
from tallystick.contract.life import Lifecycle
from tallystick.load import Json
from tallystick.mock.values.generate import Generator, Unsatisfiable
from tallystick.mock.values.text import identifier

_UUID: Final = "00000000-0000-0000-0000-000000000000"
_NARROWING: Final = frozenset(
    ("$ref", "pattern", "format", "enum", "const", "minLength", "maxLength", "allOf", "oneOf", "anyOf", "not")
)
"""Keywords that make a key something else than any text."""


class Keys:
    """Makes keys. The same seed gives the same ones."""

    def __init__(self, contract: Contract, generator: Generator, seed: str) -> None:
        self._contract = contract
        self._generator = generator
        self._seed = seed
        self._paths: dict[str, Schema | None] = {}
        self._any_text: dict[tuple[str, str], bool] = {}

    def new(self, lifecycle: Lifecycle, number: int, member: Schema | None, example: object) -> Json:
        """Return the key of the `number`th resource, as its member and the paths that name it take it.

        One that its member takes will do, if the paths take none of those. `example` is a key that the contract
        shows. Raises `Unsatisfiable` when no key is found.
        """
        if lifecycle.resource not in self._paths:
            self._paths[lifecycle.resource] = _in_path(self._contract, lifecycle)
        path = self._paths[lifecycle.resource]
        like = example if isinstance(example, str) else None
        place = (lifecycle.resource, member.pointer if member is not None else "")
        any_text = self._any_text.get(place)
        if any_text is None:
            any_text = self._any_text[place] = all(s is None or _is_free(s) for s in (member, path))
        if any_text:
            return identifier(self._seeded(lifecycle, number), like)
        shown: list[Json] = []
        for key in self._candidates(lifecycle, number, member, path, like):
            if self._fits(member, key):
                if self._fits(path, key):
                    return key
                shown.append(key)
        if not shown:
            raise Unsatisfiable(f"no key found for {lifecycle.resource}")
        return shown[0]

    def _candidates(
        self, lifecycle: Lifecycle, number: int, member: Schema | None, path: Schema | None, like: str | None
    ) -> Iterator[Json]:
        seed = self._seeded(lifecycle, number)
        if member is None or _takes_text(member):
            yield identifier(seed, like)
            yield identifier(seed, _UUID)
            yield str(number)
        yield number
        for schema in (member, path):
            if schema is not None:
                made = self._generator.value(schema, "response", seed=seed, examples=False)
                if isinstance(made, str):  # formats have few values of ours, so the number makes it another
                    yield f"{made}/{number}"
                    yield f"{made}-{number}"
                yield made

    def _seeded(self, lifecycle: Lifecycle, number: int) -> str:
        return f"{self._seed}:{lifecycle.resource}:{number}"

    def _fits(self, schema: Schema | None, key: Json) -> bool:
        """Say whether a schema takes a key; in a path, where all is text, a number may stand for digits."""
        if schema is None or (isinstance(key, str) and _is_free(schema)):
            return True
        digits = isinstance(key, str) and not _takes_text(schema) and key.isdecimal() and len(key) < 19
        other = int(str(key)) if digits else key if isinstance(key, str) or not _takes_text(schema) else str(key)
        return any(self._generator.fits(schema, reading, "response") for reading in (other, key))


def _in_path(contract: Contract, lifecycle: Lifecycle) -> Schema | None:
    """Return the schema of the path parameter that names a resource, `None` when no path does."""
    for effect in lifecycle.effects:
        if effect.key is not None and effect.key.source == "request.path":
            parameters = contract.by_id[effect.operation_id].parameters
            named = (p.schema for p in parameters if (p.location, p.name) == ("path", effect.key.name))
            return next(named, None)
    return None


def _takes_text(schema: Schema) -> bool:
    types = schema.known_types
    return "string" in types or not types


def _is_free(schema: Schema) -> bool:
    return isinstance(schema.data, dict) and "string" in schema.types and _NARROWING.isdisjoint(schema.data)
