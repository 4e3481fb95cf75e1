"""Operations that the contract advises against: struck through in editors, and warned about when they are used."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, overload

from .client import AsyncClient, Later, Method, P, Resource, SyncClient, operation
from .outcome import Response, T

if TYPE_CHECKING:
    from typing_extensions import deprecated
else:  # type checkers know that module by themselves, and nobody else needs it

    def deprecated(_: str) -> Callable[[T], T]:
        """Mark nothing."""
        return lambda method: method


class deprecated_operation(operation[P, T]):  # noqa: N801
    """An operation that warns when it is looked up on a client."""

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    @deprecated("the contract says that this operation is deprecated")
    def __get__(self, owner: Resource[SyncClient], kind: type) -> Method[P, T, T, Response[T]]: ...
    @overload
    @deprecated("the contract says that this operation is deprecated")
    def __get__(self, owner: Resource[AsyncClient], kind: type) -> Method[P, T, Later[T], Later[Response[T]]]: ...
    def __get__(self, owner: Any, kind: type) -> Any:
        if owner is not None:
            warnings.warn(f"{self.name} is deprecated", DeprecationWarning, stacklevel=2)
        method: Any = super().__get__(owner, kind)
        return method
