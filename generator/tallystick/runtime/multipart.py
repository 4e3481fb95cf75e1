"""`multipart/form-data`: fields, JSON parts and files in one body."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from .call import MISSING, scalar
from .codec import plain
from .forms import members

File = bytes | Path | BinaryIO | tuple[str, bytes] | tuple[str, bytes, str]
"""What a file part takes: bytes, a path, an open file, (name, content) or (name, content, media type)."""


def multipart_body(
    values: object, media_types: Mapping[str, str] = {}, media_type: str = "multipart/form-data"
) -> tuple[str, bytes]:
    """Write parts by name: a list gives one part for each item, an object a JSON part; files are read whole."""
    parts: list[tuple[str, bytes]] = []
    for name, value in members(values).items():
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        given = (item for item in items if item is not MISSING and item is not None)
        parts += [_part(name, item, media_types.get(name, "")) for item in given]
    boundary = sha256(b"".join(content for _, content in parts)).hexdigest()
    body = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts)
    return f"{media_type}; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def _part(name: str, value: object, media_type: str) -> tuple[str, bytes]:
    """Give head and content of one part."""
    file_name, content, guessed = _opened(value)
    disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if file_name:
        disposition += f'; filename="{_quoted(file_name)}"'
    kind = media_type or guessed
    return disposition + (f"\r\nContent-Type: {kind}" if kind else ""), content


def _opened(value: object) -> tuple[str, bytes, str]:
    """Give file name, content and media type of a value, empty where it has none."""
    if isinstance(value, tuple):
        name, content, kind = cast("tuple[str, bytes, str]", (*value, "")[:3])
        return name, content, kind or _guess(name)
    if isinstance(value, Path):
        return value.name, value.read_bytes(), _guess(value.name)
    if isinstance(value, bytes):
        return "file", value, _guess("")
    if hasattr(value, "read"):
        file = cast("BinaryIO", value)
        name = Path(str(getattr(file, "name", "file"))).name
        return name, file.read(), _guess(name)
    data = plain(value)
    return "", scalar(data).encode(), "application/json" if isinstance(data, dict | list) else ""


def _guess(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
