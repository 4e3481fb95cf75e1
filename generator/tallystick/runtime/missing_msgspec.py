"""What "not sent" is called: in arguments what it is in msgspec's models; `None` means "sent as null"."""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import UNSET, UnsetType

Missing: TypeAlias = UnsetType
MISSING: Final = UNSET
