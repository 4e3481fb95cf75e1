"""What the flavours of models need, and what their users have to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Library:
    """What a package of a flavour requires, and the words on its models."""

    requirements: tuple[str, ...]
    words: str


_FROZEN = "They are frozen: `model.replace(member=...)` gives a changed copy."
_LATE = "are checked when they are sent or read, not when they are made"

LIBRARIES: Mapping[str, Library] = {
    "pydantic": Library(
        ("pydantic>=2.12",),
        f"Models (pydantic) are checked when they are made. {_FROZEN} Members that the contract does not list are "
        "kept, in `model_extra`.",
    ),
    "msgspec": Library(
        ("msgspec>=0.20",),
        f"Models (msgspec) {_LATE}. {_FROZEN} A member that was not sent is `UNSET`, which `MISSING` is another "
        "name for. Members that the contract does not list are not kept.",
    ),
    "dataclass": Library(
        (),
        f"Models (dataclasses) {_LATE}. {_FROZEN} A member that was not sent is `MISSING`. Members that the contract "
        "does not list are kept, in `model_extra`. Types are checked; lengths, patterns and ranges are left to the "
        "server.",
    ),
    "typeddict": Library(
        (),
        "Models are TypedDicts: plain JSON data, members under the API's own names, one that was not sent not there. "
        f"They {_LATE}, and members that the contract does not list are kept. Dates, amounts and ids are the text "
        "that JSON has; lengths, patterns and ranges are left to the server.",
    ),
}
