"""What every model of the API can do (dataclasses, standard library only)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar, cast

from .missing import MISSING
from .reading import NAMES, closed, plain, reader

T = TypeVar("T")
_SENSITIVE: dict[type, Set[str]] = {}


@dataclass(frozen=True, kw_only=True, repr=False)
class Model:
    """A frozen value, checked when it is sent or read. A member that was not sent is `MISSING`; null is `None`.

    Members that the contract does not list are kept, in `model_extra`.
    """

    model_extra: dict[str, Any] = field(default_factory=dict[str, Any], hash=False)

    def __init_subclass__(cls) -> None:
        for name in ("__repr__", "__replace__"):  # the decorator would write its own, that show and send everything
            setattr(cls, name, getattr(Model, name))

    def replace(self, **changes: Any) -> Self:
        """Return a copy with these members changed, checked like a new one; what was not set stays not set."""
        return _checked(dataclasses.replace(self, **changes))

    __replace__ = replace

    def to_dict(self) -> dict[str, Any]:
        """Return the members that were set, by the API's names, as plain data that JSON can say.

        Raises `ValueError` if one does not fit.
        """
        return cast("dict[str, Any]", plain(_checked(self)))

    def to_json(self) -> str:
        """Return the members that were set, by the API's names, as JSON. Raises `ValueError` if one does not fit."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    def __repr__(self) -> str:
        hidden = _SENSITIVE.get(type(self), frozenset[str]())
        members = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "model_extra"}
        known = {
            n: "***" if n in hidden and v is not None else repr(v) for n, v in members.items() if v is not MISSING
        }
        shown = known | {name: repr(value) for name, value in self.model_extra.items()}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in shown.items())})"


@dataclass(frozen=True, kw_only=True, repr=False)
class RequestModel(Model):
    """A value that is only ever sent: a member that the contract does not list is refused."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        closed(cls)


def _checked(value: T) -> T:
    kind: Any = type(value)
    return cast("T", reader(kind)(plain(value)))


def describe(cls: type[Model], *, names: Mapping[str, str] | None = None, sensitive: Set[str] = frozenset()) -> None:
    """Note what the members of a class are called on the wire, and whose values are never shown."""
    NAMES[cls] = names or {}
    _SENSITIVE[cls] = sensitive
