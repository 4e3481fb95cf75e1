"""YAML text to JSON data by the YAML 1.2 core schema, with bounds against hostile documents.

libyaml scans and composes; the data is built here, because PyYAML's constructors follow YAML 1.1, in which the
country code `NO` is false and a date is not a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode, YAMLError
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.reader import ReaderError

from tallystick.load.json_text import too_deep
from tallystick.load.limits import MAX_DEPTH, MAX_NODES
from tallystick.load.marks import Marks
from tallystick.load.problem import TextProblem

if TYPE_CHECKING:
    from tallystick.load.source import Json

_TAG = "tag:yaml.org,2002:"
_PLAIN = "?"  # the tag of a plain scalar that carries none of its own
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NUMBER_START = frozenset("0123456789+-.")
_HINT = "check indentation and quotes here and on the line before"
_MAX_DIGITS = 400  # of a number; longer ones are not numbers anybody means


class _Composer(CParser):
    """libyaml's composer, leaving the meaning of plain scalars to `_scalar`."""

    def resolve(self, kind: type[Node], _value: str | None, implicit: tuple[bool, bool] | bool) -> str:
        """Return the tag of a node that carries none."""
        if kind is ScalarNode:
            return _PLAIN if isinstance(implicit, tuple) and implicit[0] else _TAG + "str"
        return _TAG + ("seq" if kind is SequenceNode else "map")

    def descend_resolver(self, _parent: Node | None, _index: object) -> None:
        """Do nothing: tags don't depend on the path."""

    def ascend_resolver(self) -> None:
        """Do nothing: tags don't depend on the path."""


def parse(text: str) -> tuple[Json, Marks]:
    """Return the data, `None` for an empty document, and where its nodes stand.

    Raises `TextProblem` at the first place that is not YAML, and for duplicate keys, several documents in one
    file, unknown tags, an anchor that contains itself, and aliases or nesting beyond the limits.
    """
    root, marks = _compose(text), Marks()
    if root is None:
        return None, marks
    if _expanded_size(root) > MAX_NODES:
        raise TextProblem("too-many-nodes", f"aliases expand to more than {MAX_NODES:,} nodes", 1, 1)
    return _build(root, {}, marks), marks


def is_plain_string(text: str) -> bool:
    """Say whether a plain scalar with this text is read as a string."""
    return isinstance(_plain(ScalarNode(_PLAIN, text)), str)


def _compose(text: str) -> Node | None:
    try:
        root: Node | None = _Composer(text).get_single_node()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if "nesting" in str(error.problem):
            raise too_deep(line, column) from None
        if "end of stream" in str(error.problem) and error.context_mark:  # what was left open says more
            line, column = error.context_mark.line + 1, error.context_mark.column + 1
        message, hint = " ".join(filter(None, (error.context, error.problem))), _HINT
        if _is_indented_by_tab(text, line):
            message, hint = "this line is indented with a tab", "indent with spaces"
        raise TextProblem("yaml-syntax", f"not valid YAML: {message}", line, column, hint=hint) from None
    except ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")  # libyaml counts bytes
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"not valid YAML: the character U+{_ordinal(error.character):04X} is not allowed"
        raise TextProblem("yaml-syntax", message, line, column, hint="remove it") from None
    except YAMLError as error:
        raise TextProblem("yaml-syntax", f"not valid YAML: {error}", 1, 1) from None
    return root


def _ordinal(character: str | int) -> int:
    return character if isinstance(character, int) else ord(character[0])


def _is_indented_by_tab(text: str, line: int) -> bool:
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    return "\t" in shown[: len(shown) - len(shown.lstrip())]


def _expanded_size(root: Node) -> int:
    """Return how many nodes the document has once aliases are expanded, and check its depth on the way."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes.get(id(child), 1) for child in _children(node))
            continue
        if id(node) in sizes or isinstance(node, ScalarNode):
            continue
        if id(node) in open_nodes:
            raise TextProblem("yaml-recursive-alias", "an anchor contains itself", *_where(node))
        open_nodes.add(id(node))
        if len(open_nodes) > MAX_DEPTH:
            raise too_deep(*_where(node))
        stack.append((node, True))
        stack.extend((child, False) for child in _children(node) if not isinstance(child, ScalarNode))
    return sizes.get(id(root), 1)


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for _, value in node.value:
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def _build(node: Node, built: dict[int, Json], marks: Marks) -> Json:
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if id(node) in built:
        return built[id(node)]
    if node.tag not in (_TAG + "seq", _TAG + "map"):
        raise TextProblem("yaml-tag", f"unknown tag {node.tag}", *_where(node), hint="use plain YAML values")
    data: Json = None
    if isinstance(node, SequenceNode):
        data = [_build(item, built, marks) for item in node.value]
        marks.note(data, [(item.start_mark.line, item.start_mark.column) for item in node.value])
    elif isinstance(node, MappingNode):
        members = list(_members(node))
        data = {key.value: _build(value, built, marks) for key, value in members}
        marks.note(data, [(key.start_mark.line, key.start_mark.column) for key, _ in members])
    built[id(node)] = data
    return data


def _members(node: MappingNode) -> Iterator[tuple[ScalarNode, Node]]:
    """Yield the keys and values of a mapping, with `<<` merged in as YAML 1.1 readers do."""
    seen: dict[str, ScalarNode] = {}
    merged: list[MappingNode] = []
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise TextProblem("yaml-key", "a mapping key must be a plain value", *_where(key))
        if key.value == "<<" and key.tag == _PLAIN:
            merged += value.value if isinstance(value, SequenceNode) else [value]
            continue
        if key.value in seen:
            first = seen[key.value].start_mark.line + 1
            message = f"the key {key.value!r} stands twice, first on line {first}"
            raise TextProblem("duplicate-key", message, *_where(key), hint="remove or rename one of the two")
        seen[key.value] = key
        yield key, value
    for other in merged:
        if not isinstance(other, MappingNode):
            raise TextProblem("yaml-merge", "'<<' needs a mapping", *_where(other))
        for key, value in _members(other):
            if key.value not in seen:
                seen[key.value] = key
                yield key, value


def _scalar(node: ScalarNode) -> Json:
    text: str = node.value
    tag: str = node.tag
    if tag == _PLAIN:
        return _plain(node)
    match tag.removeprefix(_TAG):
        case "str" | "binary" | "timestamp" | "!":
            return text
        case "null" | "bool" | "int" | "float" as name:
            value = _plain(node)
            if isinstance(value, str):
                raise TextProblem("yaml-tag", f"{text!r} is not a {name}", *_where(node))
            return value
        case _:
            raise TextProblem("yaml-tag", f"unknown tag {tag}", *_where(node), hint="use plain YAML values")


def _plain(node: ScalarNode) -> Json:
    text: str = node.value
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _NUMBER_START and len(text) <= _MAX_DIGITS:
        if _INT.fullmatch(text):
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text):
            return _finite(node, float(text))
    return text


def _finite(node: ScalarNode, value: float) -> float:
    if value in (float("inf"), float("-inf")):
        raise TextProblem("yaml-number", f"{node.value} is too large for a number", *_where(node))
    return value


def _where(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
