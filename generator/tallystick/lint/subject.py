"""What rules look at: the contract, and the views of it that several rules share, each computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tallystick.contract import Contract
from tallystick.contract.model import Media, Operation, Parameter
from tallystick.contract.schema import Schema, as_mapping
from tallystick.contract.validation import Direction, Validators
from tallystick.load import Json
from tallystick.load.pointer import join
from tallystick.resolve import grammar


@dataclass(frozen=True, slots=True)
class Node:
    """An OpenAPI object: where it stands, what kind it is, and its data as the author wrote it."""

    pointer: str
    kind: str
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Usage:
    """A media type in use. `direction` is that of the data, as seen from the API's clients."""

    operation: Operation
    media: Media
    direction: Direction
    label: str


@dataclass(frozen=True)
class Subject:
    """A contract under examination."""

    contract: Contract

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every OpenAPI object that is a mapping, in document order, with its data before normalisation."""
        walked = grammar.walk(grammar.ROOT, self.contract.bundle.data)
        return tuple(Node(pointer, kind, node) for pointer, kind, node in walked if isinstance(node, dict))

    def of_kind(self, *kinds: str) -> Iterator[Node]:
        """Yield the objects of some kinds that are not mere references."""
        wanted = frozenset(kinds)
        return (n for n in self.nodes if n.kind in wanted and ("$ref" not in n.data or n.kind == "schema"))

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """Every schema that somebody wrote, as normalised, in document order, each place once."""
        document = self.contract.document
        parameters = (p for o in self.contract.operations for p in o.parameters)
        implied = {join(p.pointer, "schema") for p in parameters if self.contract.is_implied(p)}
        walked = ((p, n) for p, kind, n in grammar.walk(grammar.ROOT, document) if kind == "schema")
        return tuple(Schema(document, p, n) for p, n in walked if isinstance(n, dict) and p not in implied)

    @cached_property
    def validators(self) -> Validators:
        """Validators for the contract's schemas."""
        return Validators(self.contract)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Operations, webhooks and callbacks, each place once."""
        found: dict[str, Operation] = {}
        for operation in self.contract.operations:
            found[operation.pointer] = operation
            found |= {c.operation.pointer: c.operation for c in operation.callbacks}
        found |= {w.operation.pointer: w.operation for w in self.contract.webhooks}
        return tuple(found.values())

    @cached_property
    def called(self) -> frozenset[str]:
        """Pointers of the operations that clients call; the others are requests of the provider."""
        return frozenset(o.pointer for o in self.contract.operations)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that operations declare, each place once."""
        declared = (p for o in self.operations for p in o.parameters if not self.contract.is_implied(p))
        return tuple({p.pointer: p for p in declared}.values())

    @cached_property
    def usages(self) -> tuple[Usage, ...]:
        """Each media type of each body, each place once per direction."""
        found: dict[tuple[str, Direction], Usage] = {}
        for operation in self.operations:
            ours = operation.pointer in self.called
            for media in operation.body_media:
                direction: Direction = "request" if ours else "response"
                found.setdefault((media.pointer, direction), Usage(operation, media, direction, "the request"))
            for outcome in operation.outcomes:
                for media in outcome.media:
                    answer: Direction = "response" if ours else "request"
                    label = f"the answer {outcome.status}"
                    found.setdefault((media.pointer, answer), Usage(operation, media, answer, label))
        return tuple(found.values())

    @cached_property
    def requested(self) -> frozenset[str]:
        """Pointers of the schemas that the requests of clients are made of, parameters included."""
        bodies = [m.schema for o in self.contract.operations for m in o.body_media]
        parameters = [p.schema for o in self.contract.operations for p in o.parameters]
        return frozenset(_closure([s for s in (*bodies, *parameters) if s is not None]))

    @cached_property
    def received(self) -> frozenset[str]:
        """Pointers of the schemas that clients get data of: in answers, and in the provider's own requests."""
        media = [u.media for u in self.usages if u.direction == "response"]
        return frozenset(_closure([m.schema for m in media if m.schema is not None]))

    def section(self, name: str) -> Mapping[str, Json]:
        """Return a section of `components` as written."""
        return as_mapping(as_mapping(self.contract.bundle.data.get("components")).get(name))


def _closure(starts: list[Schema]) -> dict[str, Schema]:
    reached: dict[str, Schema] = {}
    stack = list(starts)
    while stack:
        schema = stack.pop()
        if schema.pointer in reached:
            continue
        reached[schema.pointer] = schema
        if schema.target is not None:
            stack.append(schema.target)
        for tokens, kind, value in grammar.children("schema", schema.data if isinstance(schema.data, dict) else None):
            if kind == "schema" and isinstance(value, (dict, bool)):
                stack.append(schema.child(*tokens))
    return reached
