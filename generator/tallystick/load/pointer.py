"""JSON Pointer (RFC 6901): how every node of a document is addressed."""

from __future__ import annotations

from collections.abc import Iterable


def escape(token: str) -> str:
    """Return one member name as a pointer token."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def unescape(token: str) -> str:
    """Return the member name that a pointer token stands for."""
    return token.replace("~1", "/").replace("~0", "~") if "~" in token else token


def join(pointer: str, *tokens: str | int) -> str:
    """Return `pointer` extended by member names or array indices."""
    for token in tokens:
        pointer += f"/{token if isinstance(token, int) else escape(token)}"
    return pointer


def split(pointer: str) -> list[str]:
    """Return the member names along a pointer; an empty list for the whole document."""
    return [unescape(t) for t in pointer.split("/")[1:]]


def from_tokens(tokens: Iterable[str | int]) -> str:
    """Return the pointer along member names or array indices."""
    return join("", *tokens)


class NoSuchMember(LookupError):
    """A pointer leads nowhere. `reached` is the part that exists, `token` the name that doesn't."""

    def __init__(self, reached: str, token: str, candidates: list[str]) -> None:
        super().__init__(f"nothing at {join(reached, token)}")
        self.reached = reached
        self.token = token
        self.candidates = candidates


def get(data: object, pointer: str) -> object:
    """Return the node at `pointer`.

    Raises `NoSuchMember` when there is none, with the names that do exist at the last place reached.
    """
    node, tokens = data, split(pointer)
    for done, token in enumerate(tokens):
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdecimal() and int(token) < len(node):
            node = node[int(token)]
        else:
            names = [str(k) for k in node] if isinstance(node, dict) else []
            raise NoSuchMember(from_tokens(tokens[:done]), token, names)
    return node
