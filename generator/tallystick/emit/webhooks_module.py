"""The `webhooks.py` of a package: which event is of which class, and with what deliveries are verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.contract.model import Contract, Signer, Webhook
from tallystick.emit import layout
from tallystick.emit.annotations import Scope, annotation
from tallystick.emit.arguments import shape_of
from tallystick.emit.bodies import is_json, preferred
from tallystick.emit.models.shape import Catalogue, Choice, Record, Shape, Union, union
from tallystick.emit.values import follow, record_of


@dataclass(frozen=True, slots=True)
class WebhooksView:
    """The module, line by line. `signers` are the provider's classes that sign, by (module, class)."""

    imports: tuple[str, ...]
    docstring: tuple[str, ...]
    event: tuple[str, ...]
    member: str
    events: tuple[tuple[str, str], ...]
    signers: tuple[tuple[str, str], ...]


def view(contract: Contract, catalogue: Catalogue) -> WebhooksView | None:
    """Write the module of a contract, `None` if it sends nothing that has a JSON body."""
    payloads = [(webhook, shape) for webhook in contract.webhooks for shape in _payload(webhook, catalogue)]
    if not payloads:
        return None
    scope = Scope(".models", taken=frozenset(("Event", "Webhooks", "WebhookReceiver")))
    scope.use("collections.abc", "Mapping")
    scope.use("._runtime.webhooks", "WebhookReceiver")
    member = _member([record for _, shape in payloads for record in _records(shape, catalogue)], catalogue)
    events: dict[str, Shape] = {}
    for _, shape in payloads:
        names = _names(shape, member, catalogue)
        for name in names or [""]:
            events[name] = union([*([events[name]] if name in events and not names else []), shape])
    signers = sorted({(s.module, s.class_name) for s in _signers(contract)})
    for module, name in signers:
        scope.imports.setdefault(f"._runtime.{module}", {})[f"{name} as {name}"] = f"{name} as {name}"  # re-exported
    scope.use("typing", "TypeAlias")
    parts = annotation(union([shape for _, shape in payloads]), scope).split(" | ")
    event = layout.alternatives("Event: TypeAlias = ", parts)
    table = tuple((name, annotation(shape, scope)) for name, shape in sorted(events.items()))
    return WebhooksView(
        tuple(scope.lines(inside=True)), tuple(_doc(contract, signers)), tuple(event), member, table, tuple(signers)
    )


def _payload(webhook: Webhook, catalogue: Catalogue) -> Iterator[Shape]:
    body = webhook.operation.body
    media = preferred(body.media) if body else None
    if media is not None and media.schema is not None and is_json(media.content_type):
        yield shape_of(media, catalogue, "response")


def _records(shape: Shape, catalogue: Catalogue) -> Iterator[Record | None]:
    shape = follow(shape, catalogue)
    for part in shape.members if isinstance(shape, Union) else (shape,):
        yield record_of(part, catalogue)


def _constants(record: Record, catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the members that can only have listed values."""
    found: dict[str, list[str]] = {}
    for field in record.fields:
        shape = follow(field.shape, catalogue)
        if isinstance(shape, Choice) and not shape.open and field.required:
            found[field.api_name] = [value for value in shape.values if isinstance(value, str)]
    return found


def _member(records: list[Record | None], catalogue: Catalogue) -> str:
    """Return the member that tells events apart: constant in most of them, `type` before others."""
    count: dict[str, int] = {}
    for record in records:
        for name in _constants(record, catalogue) if record else ():
            count[name] = count.get(name, 0) + 1
    return min(count, key=lambda name: (-count[name], name != "type", name), default="type")


def _names(shape: Shape, member: str, catalogue: Catalogue) -> list[str]:
    records = [record for record in _records(shape, catalogue) if record]
    return [name for record in records for name in _constants(record, catalogue).get(member, [])]


def _signers(contract: Contract) -> Iterator[Signer]:
    for webhook in contract.webhooks:
        for needs in webhook.operation.security:
            for need in needs:
                scheme = contract.security_schemes.get(need.scheme)
                if scheme and scheme.signer:
                    yield scheme.signer


def _doc(contract: Contract, signers: list[tuple[str, str]]) -> list[str]:
    lines = ["Receives the provider's deliveries."]
    own = next(_signers(contract), None)
    if own and signers:
        given = ", ".join(f'{part}="..."' for part in own.credentials)
        lines += ["", f"Example: Webhooks({own.class_name}({given})).parse(request.body, request.headers)"]
        lines += ["", "Give several signatures while a secret is being replaced; any of them may fit."]
    else:
        lines += ["", "The contract does not say how deliveries are signed: give an object with `verify` and `sign`."]
    return layout.docstring(lines, 4)
