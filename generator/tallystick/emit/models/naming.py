"""What a class is called: a function of the place of its schema, and of nothing else in the document.

A component keeps its own name. What is written inline is named after the component or the operation that holds it and
the way from there, so adding an operation renames nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from tallystick import names
from tallystick.contract import Contract, Schema
from tallystick.contract.model import Operation
from tallystick.load import Json
from tallystick.load.pointer import join, split

_BUILTINS = frozenset(
    f"{name}{kind}"
    for kind, names_ in {
        "": "BaseException BaseExceptionGroup Ellipsis Exception ExceptionGroup GeneratorExit KeyboardInterrupt"
        " NotImplemented StopAsyncIteration StopIteration SystemExit Warning",
        "Error": "Arithmetic Assertion Attribute BlockingIO BrokenPipe Buffer ChildProcess Connection"
        " ConnectionAborted ConnectionRefused ConnectionReset EOF Environment FileExists FileNotFound FloatingPoint"
        " IO Import Indentation Index Interrupted IsADirectory Key Lookup Memory ModuleNotFound Name NotADirectory"
        " NotImplemented OS Overflow Permission ProcessLookup PythonFinalization Recursion Reference Runtime Syntax"
        " System Tab Timeout Type UnboundLocal Unicode UnicodeDecode UnicodeEncode UnicodeTranslate Value"
        " ZeroDivision",
        "Warning": "Bytes Deprecation Encoding Future Import PendingDeprecation Resource Runtime Syntax Unicode User",
    }.items()
    for name in names_.split()
)
"""What Python calls so without an import: pydantic would take it for the class of that name further down."""

RESERVED = _BUILTINS | frozenset(
    (
        *(
            "Annotated",
            "Any",
            "AwareDatetime",
            "BaseModel",
            "ConfigDict",
            "Decimal",
            "DecimalNumber",
            "Enum",
            "Field",
        ),
        *("Literal", "Mapping", "Meta", "Model", "NamedTuple", "Never", "NotRequired", "Required", "RequestModel"),
        *("RootModel", "Self", "Sequence", "Struct", "Tagged", "TypeAlias", "TypeAliasType", "TypedDict", "UNSET"),
        *("UUID", "Union", "Unknown", "Later", "Missing", "MISSING", "UnsetType", "TYPE_CHECKING", "Optional"),
        *("SensitiveModel", "Type", "List", "Dict", "Set", "Tuple", "FrozenSet", "DefaultDict"),
    )
)
"""Names that mean something else in the module of models."""

_SUFFIXES = {"parameters": "Parameter", "headers": "Header", "responses": "Response", "requestBodies": "Body"}


def component_names(components: list[str]) -> dict[str, str]:
    """Return the class name of each component; those that would be spelled alike get letters of their own."""
    return names.distinct(components, component_spelling)


def component_spelling(name: str) -> str:
    """Return what a component is called as long as no other is called alike."""
    spelling = names.class_name(name)
    return f"{spelling}Model" if spelling in RESERVED else spelling


class Namer:
    """Says what inline schemas would like to be called."""

    def __init__(self, contract: Contract, components: Mapping[str, str]) -> None:
        self.document = contract.document
        self.components = components
        self._owners: dict[str, str] = {}
        for operation in contract.operations:
            self._own(operation, operation.id)
        for webhook in contract.webhooks:
            self._own(webhook.operation, webhook.name)

    def _own(self, operation: Operation, name: str) -> None:
        self._owners[operation.pointer] = names.class_name(name)
        for callback in operation.callbacks:
            self._own(callback.operation, f"{name} {callback.name}")

    def wanted(self, pointer: str, *, whole: bool = False) -> str:
        """Return the name for the schema at a pointer, before clashes are settled; `whole` with all repetitions."""
        tokens = split(pointer)
        start, base = self._owner(tokens, pointer)
        return base + self._way(tokens, start, whole=whole)

    def _owner(self, tokens: list[str], pointer: str) -> tuple[int, str]:
        """Return how many tokens the owner takes, and what it is called."""
        if tokens[:2] == ["components", "schemas"]:
            return 3, self.components.get(tokens[2], names.class_name(tokens[2]))
        if tokens[:1] == ["components"]:
            base = names.class_name(tokens[2])
            suffix = _SUFFIXES.get(tokens[1], "")
            return 3, base if base.endswith(suffix) else base + suffix
        for length in range(len(tokens), 0, -1):
            owner = self._owners.get(join("", *tokens[:length]))
            if owner is not None:
                return length, owner
        return min(2, len(tokens)), names.class_name(" ".join(tokens[1:2]) or pointer)

    def _way(self, tokens: list[str], index: int, *, whole: bool) -> str:
        """Return the name of the way from the owner to the schema."""
        parts: list[str] = []
        while index < len(tokens):
            step, index = self._step(tokens, index)
            if step and (whole or not (parts and parts[-1].endswith(step))):
                parts.append(step)
        return "".join(parts)

    def _step(self, tokens: list[str], i: int) -> tuple[str, int]:
        token = tokens[i]
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        match token:
            case "properties" | "patternProperties" | "$defs" | "definitions":
                return names.class_name(following), i + 2
            case "items" | "unevaluatedItems":
                return "Item", i + 1
            case "prefixItems":
                return names.class_name(f"item {_ORDINALS.get(following, following)}"), i + 2
            case "additionalProperties":
                return "Value", i + 1
            case "oneOf" | "anyOf":
                return self._branch(tokens[: i + 1], following), i + 2
            case "allOf":
                return "", i + 2
            case "requestBody":
                return "Body", i + 1
            case "responses":
                return _outcome(following, self._node(tokens[: i + 1])), i + 2
            case "content":
                return _media(following, self._node(tokens[: i + 1])), i + 2
            case "parameters":
                parameter = self._node(tokens[: i + 2])
                name = parameter.get("name") if isinstance(parameter, dict) else None
                return names.class_name(str(name or following)), i + 2
            case "headers":
                return names.class_name(following), i + 2
            case _:
                return "", i + 1

    def _node(self, tokens: list[str]) -> Json:
        node: Json = self.document
        for token in tokens:
            node = node[token] if isinstance(node, dict) else node[int(token)] if isinstance(node, list) else None
        return node

    def _branch(self, tokens: list[str], index: str) -> str:
        """Return what tells an alternative from the others: a constant, a title, a member, at last its content."""
        pointer = join("", *tokens)
        node = self._node(tokens)
        count = len(node) if isinstance(node, list) else 0
        branches = [Schema.at(self.document, join(pointer, i)) for i in range(count)]
        own = branches[int(index)]
        others = [b for b in branches if b is not own]
        for traits in (_constants, _title, _required, _members):
            taken = {t for other in others for t in traits(other)}
            free = [t for t in traits(own) if t not in taken and any(c.isalnum() for c in t)]
            if free:
                return names.class_name(free[0])
        if len([b for b in branches if "null" not in b.types]) == 1:
            return ""
        return "Variant" + names.letters(_text(own.data))


_ORDINALS = {str(i): w for i, w in enumerate(("first", "second", "third", "fourth", "fifth", "sixth", "seventh"))}


def _constants(schema: Schema) -> list[str]:
    found: list[str] = []
    for _, member in sorted(schema.properties.items()):
        values = [member.get("const")] if "const" in member else list(member.enum or ())
        if len(values) == 1 and isinstance(values[0], str):
            found.append(values[0])
    return found


def _title(schema: Schema) -> list[str]:
    title = schema.text("title")
    return [title] if title and len(title) < 40 else []


def _required(schema: Schema) -> list[str]:
    return sorted(schema.required)


def _members(schema: Schema) -> list[str]:
    return sorted(schema.properties)


def _text(data: object) -> str:
    if isinstance(data, dict):
        return "{" + ",".join(f"{k}:{_text(v)}" for k, v in sorted(data.items())) + "}"
    return "[" + ",".join(map(_text, data)) + "]" if isinstance(data, list) else repr(data)


def _outcome(status: str, responses: Json) -> str:
    """Return Response for the only success, and the status with it for every other answer."""
    known = [s for s in responses if s.startswith("2")] if isinstance(responses, dict) else []
    if known == [status]:
        return "Response"
    return "DefaultResponse" if status == "default" else f"Response{status.upper()}"


def _media(kind: str, content: Json) -> str:
    """Return nothing for the first JSON type of a body, and the media type for the others."""
    json_like = sorted(k for k in content if "json" in k) if isinstance(content, dict) else []
    if kind in json_like[:1] or (isinstance(content, dict) and len(content) == 1):
        return ""
    return names.class_name(kind.partition("/")[2].partition(";")[0])
