"""Rules about links: what can be done next with what an answer holds."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.contract import expression
from tallystick.contract.model import Link, Operation, Outcome
from tallystick.lint import shape
from tallystick.lint.rule import Issue, rule
from tallystick.lint.subject import Subject
from tallystick.lint.vocabulary.near import nearest
from tallystick.load.pointer import join

_FOLLOWING = ("read", "update", "delete", "transition", "use")


@rule(
    "link-created",
    "The answer that creates a resource links to every operation that takes its key.",
    subject="response",
    least="strict",
)
def link_created(subject: Subject) -> Iterator[Issue]:
    """Compare links with the effects of the lifecycle; without one, ask for any link at an answer 201."""
    living: set[str] = set()
    for life in subject.contract.lifecycles:
        living |= {e.operation_id for e in life.effects}
        following = [e.operation_id for e in life.effects if e.effect in _FOLLOWING]
        for effect in life.effects:
            creator = subject.contract.by_id.get(effect.operation_id)
            if effect.effect == "create" and creator is not None:
                for outcome in creator.successes:
                    linked = {link.operation_id for link in outcome.links}
                    for id_ in following:
                        if id_ not in linked:
                            yield Issue(outcome.pointer, f"the answer of {creator.id} has no link to {id_}")
    for operation in subject.contract.operations:
        for outcome in operation.outcomes:
            if outcome.status == "201" and not outcome.links and operation.id not in living:
                message = f"{operation.id} creates something, and links to nothing that takes it"
                yield Issue(outcome.pointer, message, hint="add `links`")


@rule(
    "link-usable",
    "What a link passes on is in the answer, and its target takes it.",
    subject="link",
)
def link_usable(subject: Subject) -> Iterator[Issue]:
    """Look names up in the target's parameters and expressions in the request and answer."""
    seen: set[str] = set()
    for operation in subject.contract.operations:
        for outcome in operation.outcomes:
            for link in outcome.links:
                target = subject.contract.by_id.get(link.operation_id)
                if target is not None and link.pointer not in seen:
                    yield from _unknown_parameters(link, target)
                    yield from _dead_expressions(operation, outcome, link)
                seen.add(link.pointer)


def _unknown_parameters(link: Link, target: Operation) -> Iterator[Issue]:
    names = {p.name for p in target.parameters}
    known = names | {f"{p.location}.{p.name}" for p in target.parameters}
    for name in link.parameters:
        if name not in known:
            pointer = join(link.pointer, "parameters", name)
            yield Issue(pointer, f"{target.id} has no parameter {name!r}", hint=nearest(name, names))


def _dead_expressions(operation: Operation, outcome: Outcome, link: Link) -> Iterator[Issue]:
    for pointer, text in _expressions(link):
        parsed = expression.parse(text)
        if parsed is None:
            yield Issue(pointer, f"{text} is no runtime expression", expected="such as $response.body#/id")
        elif parsed.source == "response.body":
            schemas = [m.schema for m in outcome.media if m.schema is not None]
            if schemas and not any(shape.at(s, parsed.pointer) for s in schemas):
                yield Issue(pointer, f"{text} leads nowhere in the answer of {operation.id}")
        elif parsed.source == "response.header":
            if parsed.name.lower() not in {h.name.lower() for h in outcome.headers}:
                yield Issue(pointer, f"the answer of {operation.id} has no header {parsed.name!r}")
        elif parsed.source in ("request.path", "request.query", "request.header"):
            location = parsed.source.partition(".")[2]
            if not any(
                p.location == location and p.name.lower() == parsed.name.lower() for p in operation.parameters
            ):
                yield Issue(pointer, f"{operation.id} has no {location} parameter {parsed.name!r}")


def _expressions(link: Link) -> Iterator[tuple[str, str]]:
    places = [(join(link.pointer, "parameters", n), v) for n, v in link.parameters.items()]
    places.append((join(link.pointer, "requestBody"), link.request_body))
    while places:
        pointer, value = places.pop()
        if isinstance(value, str) and value.startswith("$"):
            yield pointer, value
        elif isinstance(value, dict):
            places += [(join(pointer, n), v) for n, v in value.items()]
