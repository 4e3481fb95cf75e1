"""Python-shaped values for the templates: everything is decided here, and printed there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.contract.model import Contract
from tallystick.emit import layout
from tallystick.emit.annotations import Scope
from tallystick.emit.models.shape import Catalogue
from tallystick.emit.naming import Address
from tallystick.emit.operations import Api, MethodView, method
from tallystick.emit.outcomes import usual_errors
from tallystick.emit.security import Alternatives, alternatives
from tallystick.names import words

_BUILTINS = frozenset(("list", "dict", "str", "int", "float", "bool", "bytes", "tuple", "set", "type", "object"))
RUNTIME_NAMES = frozenset(
    (
        *(
            "Call",
            "json_body",
            "form_body",
            "raw_body",
            "multipart_body",
            "File",
            "M",
            "MISSING",
            "Missing",
            "Resource",
        ),
        *("operation", "streamed", "deprecated_operation", "styles", "Failure", "Pages", "paged"),
    )
)
"""What the module of a resource takes from the runtime."""


@dataclass(frozen=True, slots=True)
class ResourceView:
    """One noun: a class in a module of its own."""

    module: str
    class_name: str
    docstring: tuple[str, ...]
    imports: tuple[str, ...]
    methods: tuple[MethodView, ...]


def api(contract: Contract, catalogue: Catalogue) -> Api:
    """Return what every method is written against."""
    return Api(contract, catalogue, usual_errors(contract, catalogue), usual_security(contract))


def usual_security(contract: Contract) -> Alternatives:
    """Return what most operations accept as proof; the first by name of those equally usual."""
    count = Counter(alternatives(operation, contract) for operation in contract.operations)
    return min(count, key=lambda accepted: (-count[accepted], accepted), default=((),))


def resources(facts: Api, addresses: Mapping[str, Address], error_names: frozenset[str]) -> tuple[ResourceView, ...]:
    """Write every noun, sorted by name, its methods in the order of the document."""
    nouns = sorted({address.noun for address in addresses.values()})
    return tuple(_resource(noun, facts, addresses, error_names) for noun in nouns)


def in_order(nouns: tuple[ResourceView, ...]) -> tuple[ResourceView, ...]:
    """Return nouns sorted by name."""
    return tuple(sorted(nouns, key=lambda noun: noun.module))


def _resource(noun: str, facts: Api, addresses: Mapping[str, Address], error_names: frozenset[str]) -> ResourceView:
    operations = [o for o in facts.contract.operations if addresses[o.id].noun == noun]
    resource = addresses[operations[0].id].resource
    verbs = frozenset(addresses[o.id].verb for o in operations)
    scope = Scope("..models", taken=RUNTIME_NAMES | error_names | {resource}, hidden=verbs & _BUILTINS)
    for name in ("M", "Resource"):
        scope.use(".._runtime.client", name)
    methods = tuple(method(operation, addresses[operation.id], facts, scope) for operation in operations)
    tag = next((t for t in facts.contract.tags if operations[0].tags[:1] == (t.name,)), None)
    text = (tag.description if tag else "") or f"Operations on {' '.join(words(noun)).lower()}."
    lines = tuple(layout.docstring(layout.prose(text, width=92) or [resource], 4))
    return ResourceView(noun, resource, lines, tuple(scope.lines()), methods)
