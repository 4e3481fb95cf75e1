"""The frozen model of an API: what emission, mock, verification, comparison and lint all consume.

It speaks of the API, in OpenAPI's words, and never of Python. Every part knows its `pointer` in the bundled
document; `Contract.place` turns that into a file, line and column. What a document leaves open is decided in `build`.
What resources live through has a module of its own, `life`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from tallystick.contract.life import Lifecycle
from tallystick.contract.schema import Schema
from tallystick.diagnostics import Findings, Place
from tallystick.load import Json
from tallystick.resolve import Bundle

ParameterIn = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class Example:
    """A named example value. `value` is plain data; absent (`None`) when only an external address is given."""

    name: str
    pointer: str
    value: Json
    summary: str = ""
    external: str = ""


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """A part of a server's address that can be chosen. `values` is empty when any will do."""

    name: str
    default: str
    values: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """An address under which the API is served; `{name}` parts are filled from `variables`."""

    pointer: str
    url: str
    description: str = ""
    variables: tuple[ServerVariable, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A response or part header."""

    name: str
    pointer: str
    schema: Schema | None
    required: bool
    description: str
    deprecated: bool
    explode: bool = False


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one member of a multipart or form body is written."""

    content_type: str
    style: str
    explode: bool
    allow_reserved: bool
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a body. `content_type` is lower case and may be a range such as `*/*`."""

    content_type: str
    pointer: str
    schema: Schema | None
    examples: tuple[Example, ...] = ()
    encoding: Mapping[str, Encoding] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as it goes on the wire; `style` and `explode` carry OpenAPI's defaults where none is given.

    `media` is set instead of `schema` when the value is serialised as a media type (`content`).
    """

    name: str
    location: ParameterIn
    pointer: str
    required: bool
    schema: Schema | None
    media: Media | None
    style: str
    explode: bool
    allow_reserved: bool
    description: str
    deprecated: bool
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What a request carries. `media` is in the document's order and never empty."""

    pointer: str
    required: bool
    description: str
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class DomainError:
    """An error the API's users know by name (`x-error`).

    `when` maps JSON Pointers into the error body to the value each must have; `situations` are those in which a
    server answers with it; `example` names the example to answer with and `fill` the places in it to fill.
    """

    name: str
    pointer: str
    when: Mapping[str, Json] = field(default_factory=dict, hash=False)
    situations: tuple[str, ...] = ()
    example: str = ""
    fill: Mapping[str, str] = field(default_factory=dict, hash=False)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What can be called next, with values from this answer. `operation_id` is resolved from `operationRef` too."""

    name: str
    pointer: str
    operation_id: str
    parameters: Mapping[str, Json] = field(default_factory=dict, hash=False)
    request_body: Json = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer: a status (`200`), a range (`4XX`) or `default`."""

    status: str
    pointer: str
    description: str
    headers: tuple[Header, ...] = ()
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    errors: tuple[DomainError, ...] = ()

    @property
    def is_success(self) -> bool:
        """Whether the answer is what was asked for. Redirects, `default` and everything else are not."""
        return self.status.startswith("2")

    def matches(self, status: int) -> bool:
        """Say whether an HTTP status falls under this outcome; `default` matches all."""
        return self.status == "default" or self.status == str(status) or self.status == f"{status // 100}XX"


@dataclass(frozen=True, slots=True)
class SecurityNeed:
    """One scheme of an alternative, with the scopes it needs."""

    scheme: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signer:
    """The provider's own module that signs requests or webhooks (`x-signer`)."""

    module: str
    class_name: str
    credentials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """How a caller proves who it is. `kind` is OpenAPI's `type`; `scheme` is lower case (`bearer`, `basic`)."""

    name: str
    pointer: str
    kind: str
    location: str = ""
    parameter: str = ""
    scheme: str = ""
    bearer_format: str = ""
    flows: Mapping[str, Json] = field(default_factory=dict, hash=False)
    open_id_url: str = ""
    description: str = ""
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyRule:
    """How repeats of a request are recognised (`x-idempotency`).

    `lifetime` is in seconds, `None` when not documented. `compares_body` says whether the same key with another body
    is refused. `replayed` is the response header that only a repeat carries.
    """

    header: str
    scope: str
    lifetime: int | None
    compares_body: bool
    replayed: str


@dataclass(frozen=True, slots=True)
class Callback:
    """Requests that the server makes to an address found in the call."""

    name: str
    expression: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of the API, or the request of a webhook or callback.

    `id` is the document's `operationId`, or `<method> <path>` when it has none or shares it with another. `outcomes`
    are in ascending order, ranges and `default` last. `security` is the effective list of alternatives: an empty list
    means nobody has to prove anything, an empty alternative that it is optional. `servers` is empty unless the
    operation or its path overrides those of the document.
    """

    id: str
    declared_id: bool
    method: str
    path: str
    pointer: str
    tags: tuple[str, ...]
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    outcomes: tuple[Outcome, ...]
    security: tuple[tuple[SecurityNeed, ...], ...]
    servers: tuple[Server, ...]
    callbacks: tuple[Callback, ...] = ()
    idempotency: IdempotencyRule | None = None
    extensions: Mapping[str, Json] = field(default_factory=dict, hash=False)

    @property
    def successes(self) -> tuple[Outcome, ...]:
        """The outcomes with a status of 200 to 299."""
        return tuple(o for o in self.outcomes if o.is_success)

    @property
    def intended(self) -> tuple[Outcome, ...]:
        """The outcomes of doing what is asked for: the successes, or `default` where that is all but failures."""
        others = [o for o in self.outcomes if o.status[0] in "3d"]
        return self.successes or (tuple(others) if all(o.status == "default" for o in others) else ())

    @property
    def body_media(self) -> tuple[Media, ...]:
        """The media types that its body may have, none where it has no body."""
        return self.body.media if self.body is not None else ()

    def outcome(self, status: int) -> Outcome | None:
        """Return what the contract says of a status: exact, else its range, else `default`, else nothing."""
        exact = [o for o in self.outcomes if o.matches(status)]
        return min(exact, key=lambda o: (o.status == "default", o.status.endswith("XX")), default=None)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that the provider sends, by its name under `webhooks`."""

    name: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An operation that the contract could not take in, by name, with the reason."""

    name: str
    pointer: str
    reason: str


@dataclass(frozen=True, eq=False)
class Contract:
    """Everything known about one API.

    `document` is the bundled document with schemas in JSON Schema 2020-12; it must not be changed. `findings` are
    what was wrong in the files but did not stop the work; `refused` the operations left out because of it.
    """

    name: str
    title: str
    version: str
    description: str
    openapi: str
    package: str
    client: str
    transports: tuple[str, ...]
    servers: tuple[Server, ...]
    operations: tuple[Operation, ...]
    webhooks: tuple[Webhook, ...]
    schemas: Mapping[str, Schema]
    security_schemes: Mapping[str, SecurityScheme]
    tags: tuple[Tag, ...]
    lifecycles: tuple[Lifecycle, ...]
    refused: tuple[Refusal, ...]
    findings: Findings
    document: dict[str, Json] = field(repr=False)
    bundle: Bundle = field(repr=False)

    def place(self, pointer: str) -> Place:
        """Return the file, line and column of a node of the document."""
        return self.bundle.place(pointer)

    def is_implied(self, parameter: Parameter) -> bool:
        """Say whether nothing declares a parameter but the placeholder in its path."""
        return not self.bundle.has(parameter.pointer)

    def schema(self, pointer: str) -> Schema:
        """Return the schema at a pointer. Raises `NoSuchMember` when there is none."""
        return Schema.at(self.document, pointer)

    @cached_property
    def by_id(self) -> Mapping[str, Operation]:
        """The operations by their id."""
        return {operation.id: operation for operation in self.operations}
