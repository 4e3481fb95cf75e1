"""Which noun an operation belongs to and what its verb is: `client.data_sessions.create`.

A name follows from the operation alone, so that a new operation renames none of the others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tallystick.contract.model import Contract, Operation
from tallystick.names import class_name, letters, member_name, words

_VERSION = re.compile(r"v?\d+(\.\d+)*|api|rest|service", re.IGNORECASE)
_LONGEST = 80
_ARTICLES = frozenset(("a", "an", "the"))
_PREPOSITIONS = frozenset(("as", "at", "by", "for", "from", "in", "into", "of", "on", "to", "with"))
_FINE_AS_METHODS = frozenset(("list", "copy", "validate", "schema", "set", "json", "replace", "time", "date"))
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_COLLECTION_VERBS = {"GET": "list", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
_MEMBER_VERBS = {"GET": "retrieve", "POST": "update", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client offers an operation: attribute, class of the attribute, method."""

    noun: str
    resource: str
    verb: str


def addresses(
    contract: Contract,
    *,
    nouns_taken: Iterable[str] = (),
    classes_taken: Iterable[str] = (),
    verbs_taken: Iterable[str] = (),
) -> tuple[dict[str, Address], dict[str, list[str]]]:
    """Give every operation its address by id, and the names that several operations wanted."""
    nouns = {operation.id: noun(operation) for operation in contract.operations}
    spelled, clashes = settle({text: [_short(member_name(text))] for text in set(nouns.values())}, nouns_taken)
    classes, _ = settle({text: [_class(text, classes_taken)] for text in set(nouns.values())})
    groups: dict[str, list[Operation]] = defaultdict(list)
    for operation in contract.operations:
        groups[nouns[operation.id]].append(operation)
    found: dict[str, Address] = {}
    for text, operations in groups.items():
        wanted = {operation.id: verbs(operation, text) for operation in operations}
        chosen, crowded = settle(wanted, verbs_taken)
        clashes |= {f"{spelled[text]}.{name}": ids for name, ids in crowded.items()}
        found |= {id_: Address(spelled[text], classes[text], verb) for id_, verb in chosen.items()}
    return found, clashes


def _class(text: str, taken: Iterable[str]) -> str:
    name = _short(class_name(text))
    return f"{name}Resource" if name in taken else name


def noun(operation: Operation) -> str:
    """Give the text a noun is made of: the first tag, else the first part of the path that says something."""
    telling = [part for part in _static(operation.path) if not _VERSION.fullmatch(part)]
    return next(iter(operation.tags), "") or (telling[0] if telling else "api")


def verbs(operation: Operation, noun_text: str) -> list[str]:
    """Give the names an operation would like, shortest first, the last of them telling."""
    long, said = _verb(operation.id), words(operation.id)
    if not operation.declared_id or _mechanical(said, operation):
        return [*_spelled_out(_from_path(operation, noun_text), operation), long]
    said = _unstuck(said, operation)
    rest = [word for word in _without(said, words(noun_text)) if word.lower() not in _ARTICLES]
    short = [rest] if rest and not _misleading(rest, said, operation) else []
    return list(dict.fromkeys([*(_verb("_".join(told)) for told in (*short, said)), long]))


def _misleading(rest: Sequence[str], said: Sequence[str], operation: Operation) -> bool:
    """Say whether a verb without its noun speaks of something else: `deleteSite` of `deleteSiteAsset`, `textTo`."""
    if rest[-1].lower() in _PREPOSITIONS:
        return True
    if len(rest) < 2 or list(said[: len(rest)]) != list(rest):
        return False
    others = [words(part) for part in _static(operation.path)]
    return any(len(o) == len(rest) - 1 and all(map(_same, o, rest[1:])) for o in others)


def _spelled_out(verb: str, operation: Operation) -> list[str]:
    """Give a verb made of method and path, then by what it can be told from others: its method, its parameters."""
    given = list(dict.fromkeys("_".join(words(name)) for name in _PLACEHOLDER.findall(operation.path)))
    told = f"patch{verb.removeprefix('update')}" if operation.method == "PATCH" else verb
    by = [f"{told}_by_{'_and_'.join(some)}" for some in (given[-1:], given) if some]
    return list(dict.fromkeys(_verb(name) for name in (verb, told, *by)))


def _verb(text: str) -> str:
    """Spell a method; unlike a member, it may be called `list`."""
    spelled = member_name(text)
    bare = spelled.removesuffix("_")
    return bare if bare in _FINE_AS_METHODS else _short(spelled)


def _short(name: str) -> str:
    """Cut an endless name, with letters that stand for the whole: modules are called after nouns."""
    return name if len(name) <= _LONGEST else _told_apart(name[:_LONGEST], name)


def _told_apart(name: str, key: str) -> str:
    return f"{name}_{letters(key).lower() if name.islower() else letters(key)}"


def _static(path: str) -> list[str]:
    parts = re.split(r"[/:?#]", _PLACEHOLDER.sub("", path))
    return [part for part in (p.removesuffix(".json") for p in parts) if words(part)]


def _mechanical(said: Sequence[str], operation: Operation) -> bool:
    """Say whether an operationId is nothing but method and path, as tools make them up."""
    path = [word for part in operation.path.split("/") for word in words(part)]
    unversioned = [word for word in path if not _VERSION.fullmatch(word)]
    made_up = ("".join([operation.method, *tail]).lower() for tail in (path, unversioned))
    return "".join(said).lower() in made_up


def _unstuck(said: tuple[str, ...], operation: Operation) -> tuple[str, ...]:
    """Leave out path and method where FastAPI put them after the name: `read_item_items__item_id__get`."""
    told = [w.lower() for w in (*words(operation.path), operation.method)]
    name = said[: -len(told)]
    return name if name and [w.lower() for w in said[-len(told) :]] == told else said


def _from_path(operation: Operation, noun_text: str) -> str:
    """Make a verb of method and path: list, create, retrieve, update, delete, or the action a path ends in."""
    parts = [part for part in _static(operation.path) if not _VERSION.fullmatch(part)]
    rest = parts[1:] if parts and not _without(words(parts[0]), words(noun_text)) else parts
    at_member = bool(_PLACEHOLDER.search(operation.path.rstrip("/").rpartition("/")[2]))
    if at_member:
        return "_".join([_MEMBER_VERBS.get(operation.method, operation.method), *rest])
    plural = (rest or parts or [noun_text])[-1].endswith("s")
    if operation.method == "POST" and rest and not plural:
        return "_".join([rest[-1], *rest[:-1]])
    verb = _COLLECTION_VERBS.get(operation.method, operation.method)
    return "_".join(["retrieve" if verb == "list" and not plural else verb, *rest])


def _without(said: Sequence[str], noun_words: Sequence[str]) -> list[str]:
    """Leave out the run of words that repeats the noun, whatever its number: `createDataSession` keeps `create`."""
    size = len(noun_words)
    for start in range(len(said) - size + 1):
        if size and all(_same(a, b) for a, b in zip(said[start : start + size], noun_words, strict=True)):
            return [*said[:start], *said[start + size :]]
    return list(said)


def _same(one: str, other: str) -> bool:
    """Compare two words without regard to case and number."""
    return _singular(one.lower()) == _singular(other.lower())


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us")) else word


def settle(
    wanted: Mapping[str, Sequence[str]], taken: Iterable[str] = ()
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Give every key a name of its own, and say which names several keys wanted.

    `wanted` holds each key's names from short to telling. The shortest key keeps the name that several want, the
    others move on to their next one; a key without one left gets letters made from itself. No number is counted up.
    A name that is `taken` gets an underscore at its end.
    """
    reserved = frozenset(taken)
    level = dict.fromkeys(wanted, 0)
    clashes: dict[str, list[str]] = {}

    def name_of(key: str) -> str:
        names = wanted[key]
        name = names[level[key]] if level[key] < len(names) else _told_apart(names[-1], key)
        return f"{name}_" if name in reserved else name

    while True:
        groups: dict[str, list[str]] = defaultdict(list)
        for key in sorted(wanted, key=lambda key: (len(key), key)):
            groups[name_of(key)].append(key)
        losers = [key for keys in groups.values() for key in keys[1:]]
        if not losers:
            return {key: name_of(key) for key in wanted}, clashes
        clashes = {name: keys for name, keys in groups.items() if len(keys) > 1} | clashes
        for key in losers:
            level[key] += 1
