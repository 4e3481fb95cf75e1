"""Rules about webhooks: whether whoever receives one can tell which it is."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract.model import Operation
from tallystick.lint import shape
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.wording import shown
from tallystick.load import Json
from tallystick.load.pointer import join


@rule(
    "webhook-event",
    "The `type` of a webhook's payload lists its event names, and no other webhook has one of them.",
    subject="webhook",
    least="strict",
)
def webhook_event(subject: Subject) -> Iterator[Issue]:
    """Look at payloads that have such a member."""
    holders: dict[str, str] = {}
    for webhook in subject.contract.webhooks:
        pointer = join(webhook.operation.pointer, "requestBody")
        events = _events(webhook.operation)
        if events == []:
            yield Issue(pointer, f"the `type` of {webhook.name} may be anything", hint="give it a `const` or `enum`")
        for event in map(shown, events or ()):
            first = holders.setdefault(event, webhook.name)
            if first != webhook.name:
                yield Issue(pointer, f"{webhook.name} has the event {event}, as {first} has")


def _events(operation: Operation) -> list[Json] | None:
    """Return the values that `type` can have, `None` when the payload has no such member."""
    schemas = [m.schema for m in operation.body_media if m.schema is not None]
    kinds = [kind for schema in schemas for member in shape.at(schema, "/type") for kind in shape.variants(member)]
    if not kinds:
        return None
    constants = [kind.get("const") for kind in kinds if "const" in kind]
    return constants or [value for kind in kinds for value in kind.enum or ()]
