"""What "not sent" is called."""

from enum import Enum
from typing import Final, Literal


class Missing(Enum):
    """The type of `MISSING`, which means "not sent"; `None` means "sent as null"."""

    MISSING = "missing"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
