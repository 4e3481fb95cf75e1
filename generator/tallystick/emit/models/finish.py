"""The engine's text to the finished module, in named steps."""

from __future__ import annotations

import ast
import re

from tallystick.emit.models import aliases
from tallystick.emit.models.document import ALIASES, SPECIAL
from tallystick.emit.models.engine import RUNTIME
from tallystick.emit.models.facts import statements
from tallystick.emit.models.imports import Imports
from tallystick.emit.models.interface import RUNTIME_HOMES, ModelOptions
from tallystick.emit.models.shape import Catalogue, Record, is_nullable

_FIRST_CLASS = re.compile(r"^(?:class |@|\w+ = TypedDict\()", re.MULTILINE)


def module(text: str, catalogue: Catalogue, options: ModelOptions) -> str:
    """Return the text of `models.py`: header, imports, plain aliases, classes, what refers to classes."""
    head, classes = split(without_rebuilds(text))
    if options.flavour == "typeddict":
        classes = with_late_types(classes)
    if options.flavour == "dataclass":
        classes = with_missing(classes, catalogue)
    homes = RUNTIME_HOMES[options.flavour]
    imports = Imports({name: f"{options.runtime}.{module}" for name, module in homes.items()})
    imports.read(head)
    imports.need_runtime(*imports.take(RUNTIME), *(imports.take(ALIASES) & SPECIAL))
    if " = MISSING\n" in classes:
        imports.need_runtime("MISSING", "Missing")
    written = aliases.write(catalogue, options.flavour, imports)
    facts = statements(catalogue, options.flavour, imports)
    top = [
        options.header.rstrip("\n"),
        '"""The models of the API."""',
        "from __future__ import annotations",
        str(imports),
        *written.before,
    ]
    parts = ("\n\n".join(t for t in top if t), classes.strip("\n"), "\n\n".join(written.after), "\n".join(facts))
    return "\n\n\n".join(p for p in parts if p) + "\n"


def with_late_types(text: str) -> str:
    """Put the types of TypedDicts that are written as calls in quotes: what they name may stand further down."""
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.end_lineno is not None:
            table = node.value.args[1]
            assert isinstance(table, ast.Dict)
            table.values = [ast.Constant(ast.unparse(_Unquoted().visit(v))) for v in table.values]
            entries = [
                f"        {ast.unparse(k)}: {ast.unparse(v)},\n"
                for k, v in zip(table.keys, table.values, strict=True)
                if k
            ]
            name = ast.unparse(node.value.args[0])
            call = [f"{ast.unparse(node.targets[0])} = TypedDict(\n    {name},\n    {{\n", *entries, "    },\n)\n"]
            lines[node.lineno - 1 : node.end_lineno] = call
    return "".join(lines)


def with_missing(text: str, catalogue: Catalogue) -> str:
    """Let members of dataclasses that may be left out be `MISSING`, where the engine makes them `None`."""
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        record = catalogue.definitions.get(node.name) if isinstance(node, ast.ClassDef) else None
        if not isinstance(record, Record) or not isinstance(node, ast.ClassDef):
            continue
        optional = {f.name: f for f in record.fields if not f.required}
        for member in reversed(node.body):
            field = optional.get(ast.unparse(member.target)) if isinstance(member, ast.AnnAssign) else None
            if field is not None and isinstance(member, ast.AnnAssign) and member.end_lineno:
                type_ = _written(member.annotation, lines)
                kept = type_ if is_nullable(field.shape) else type_.removesuffix(" | None")
                lines[member.lineno - 1 : member.end_lineno] = [f"    {field.name}: {kept} | Missing = MISSING\n"]
    return "".join(lines)


def _written(node: ast.expr, lines: list[str]) -> str:
    """Return the text of a node; `ast.get_source_segment` would split the whole module for each."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    if first != last:
        return ast.unparse(node)
    return lines[first].encode()[node.col_offset : node.end_col_offset].decode()


class _Unquoted(ast.NodeTransformer):
    """Takes the quotes off names in a type; the values of a `Literal` keep theirs."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        is_literal = isinstance(node.value, ast.Name) and node.value.id == "Literal"
        return node if is_literal else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Name(node.value) if isinstance(node.value, str) else node


def without_rebuilds(text: str) -> str:
    """Leave out the calls that would build classes on import; every class is built when it is first used."""
    return re.sub(r"^\w+\.model_rebuild\(\)\n?", "", text, flags=re.MULTILINE)


def split(text: str) -> tuple[str, str]:
    """Return what stands before the first class, and the classes."""
    found = _FIRST_CLASS.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")
