"""The engine's text to the finished module, in named steps: imports, aliases, header."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable

from tallystick.emit.models.direction import mentioned
from tallystick.emit.models.document import ALIASES
from tallystick.emit.models.engine import RUNTIME
from tallystick.emit.models.expression import literal, type_ref
from tallystick.emit.models.interface import ModelOptions
from tallystick.emit.models.shape import Alias, Catalogue, Choice, Shape, Tagged, Union
from tallystick.names import member_name

Imports = dict[str, set[str]]
_WIDTH = 100


def module(text: str, catalogue: Catalogue, options: ModelOptions) -> str:
    """Return the text of `models.py`: header, imports, plain aliases, classes, aliases of classes."""
    imports, classes = take_imports(without_rebuilds(text))
    before, after = _aliases(catalogue, imports, options)
    local = imports.pop(ALIASES, set())
    imports.setdefault(f"{options.runtime}.model", set()).update(
        imports.pop(RUNTIME, set()), local & {"DecimalNumber"}
    )
    parts = [
        options.header.rstrip("\n"),
        '"""The models of the API."""',
        "from __future__ import annotations",
        _import_lines(imports),
        "\n\n".join(before),
    ]
    top = "\n\n".join(p for p in parts if p)
    return "\n\n\n".join(p for p in (top, classes.strip("\n"), "\n\n".join(after)) if p) + "\n"


def without_rebuilds(text: str) -> str:
    """Leave out the calls that would build classes on import; every class is built when it is first used."""
    return re.sub(r"^\w+\.model_rebuild\(\)\n?", "", text, flags=re.MULTILINE)


def take_imports(text: str) -> tuple[Imports, str]:
    """Return the imports at the top of the engine's text, by module, and what follows them."""
    lines = text.splitlines(keepends=True)
    body = next((i for i, line in enumerate(lines) if line.startswith(("class ", "@"))), len(lines))
    body = min([body, *(i for i, line in enumerate(lines) if i < body and " = TypedDict(" in line)])
    found: Imports = {}
    for node in ast.parse("".join(lines[:body])).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            found.setdefault("." * node.level + node.module, set()).update(_spelled(a) for a in node.names)
    return found, "".join(lines[body:])


def _spelled(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _import_lines(imports: Imports) -> str:
    """Return import statements in the order isort has them: standard library, others, relative."""

    def group(name: str) -> tuple[int, str]:
        return (2 if name.startswith(".") else 1 if name.split(".")[0] in ("pydantic", "msgspec") else 0, name)

    lines: list[str] = []
    last = 0
    for name in sorted((m for m, names in imports.items() if names), key=group):
        if lines and group(name)[0] != last:
            lines.append("")
        last = group(name)[0]
        lines.append(f"from {name} import {', '.join(sorted(imports[name], key=_import_order))}")
    return "\n".join(lines)


def _import_order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


# -- aliases -------------------------------------------------------------------------------------------------


def _aliases(catalogue: Catalogue, imports: Imports, options: ModelOptions) -> tuple[list[str], list[str]]:
    """Return the aliases that need no class, and the others in an order in which each finds what it refers to."""
    known = {d.name: d for d in catalogue.definitions.values() if isinstance(d, Alias)}
    order = _ordered(known)
    before = [a for a in order if not _needs_classes(a, known, frozenset())]
    after = [a for a in order if a not in before]
    recursive = {a.name for a in order if a.name in _reached(a, known)}
    return (
        [_alias(a, imports, options, recursive=a.name in recursive) for a in before],
        [_alias(a, imports, options, recursive=a.name in recursive) for a in after],
    )


def _ordered(known: dict[str, Alias]) -> list[Alias]:
    order: dict[str, Alias] = {}
    opened: set[str] = set()

    def visit(name: str) -> None:
        if name in opened:
            return
        opened.add(name)
        for other in sorted(n for n in mentioned(known[name]) if n in known):
            visit(other)
        order[name] = known[name]

    for name in sorted(known):
        visit(name)
    return list(order.values())


def _reached(alias: Alias, known: dict[str, Alias]) -> set[str]:
    found: set[str] = set()
    stack = list(mentioned(alias))
    while stack:
        name = stack.pop()
        if name in known and name not in found:
            found.add(name)
            stack.extend(mentioned(known[name]))
    return found


def _needs_classes(alias: Alias, known: dict[str, Alias], seen: frozenset[str]) -> bool:
    if alias.name in seen:
        return False
    return any(n not in known or _needs_classes(known[n], known, seen | {alias.name}) for n in mentioned(alias))


def _alias(alias: Alias, imports: Imports, options: ModelOptions, *, recursive: bool) -> str:
    ref = type_ref(alias.shape)
    _need(imports, ref.imports)
    _need(imports, [(f"{options.runtime}.model", name) for name in ref.runtime])
    text = ref.text
    if alias.tagged is not None and options.flavour == "pydantic":
        text = _chosen_by_tag(text, alias.tagged, imports, options)
    elif len(text) > _WIDTH:
        text = _wrapped(alias.shape, text)
    if recursive:
        _need(imports, [("typing_extensions", "TypeAliasType")])
        line = f'{alias.name} = TypeAliasType("{alias.name}", {text!r})'
    else:
        _need(imports, [("typing", "TypeAlias")])
        line = f"{alias.name}: TypeAlias = {text}"
    return f"{line}\n{docstring(alias.description)}" if alias.description else line


def _wrapped(shape: Shape, text: str) -> str:
    """Return a long list of values, or of classes, over several lines."""
    match shape:
        case Choice(values=values, open=base):
            joined = textwrap.fill(
                ", ".join(map(literal, values)), _WIDTH, break_long_words=False, break_on_hyphens=False
            )
            return f"Literal[\n{textwrap.indent(joined, '    ')}\n]" + (f" | {base}" if base else "")
        case Union(members=members):
            return "(\n    " + "\n    | ".join(type_ref(m).text for m in members) + "\n)"
        case _:
            return text


def _chosen_by_tag(text: str, tag: Tagged, imports: Imports, options: ModelOptions) -> str:
    """Return a union of classes with the rule that chooses among them, and the class for what is not known yet."""
    classes = ", ".join(f"{literal(value)}: {name}" for value, name in tag.classes)
    arguments = f"{literal(tag.member)}, {{{classes}}}" + (f", {tag.fallback}" if tag.fallback else "")
    if (name := member_name(tag.member)) != tag.member:
        arguments += f", name={literal(name)}"
    _need(imports, [("typing", "Annotated"), (f"{options.runtime}.model", "Tagged")])
    if tag.fallback:
        return f"Annotated[{text}, Tagged({arguments})]"
    _need(imports, [(f"{options.runtime}.model", "Unknown")])
    return f"Annotated[{text} | Unknown, Tagged({arguments})]"


def _need(imports: Imports, names: Iterable[tuple[str, str]]) -> None:
    for from_, name in names:
        imports.setdefault(from_, set()).add(name)


def docstring(text: str) -> str:
    """Return text as a docstring that it can't end early."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    safe = "".join(c if c.isprintable() or c == "\n" else " " for c in safe)
    if safe.endswith('"'):
        safe = safe[:-1] + '\\"'
    return f'"""{safe}"""' if "\n" not in safe else f'"""{safe}\n"""'
