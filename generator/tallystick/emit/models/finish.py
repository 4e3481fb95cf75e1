"""The engine's text to the finished module, in named steps."""

from __future__ import annotations

import ast
import re

from tallystick.emit.models import aliases
from tallystick.emit.models.classes import Classes
from tallystick.emit.models.document import ALIASES, SPECIAL
from tallystick.emit.models.engine import RUNTIME
from tallystick.emit.models.facts import statements
from tallystick.emit.models.imports import Imports
from tallystick.emit.models.interface import RUNTIME_HOMES, ModelOptions
from tallystick.emit.models.shape import Catalogue, Definition, Record, is_nullable


def module(written: Classes, catalogue: Catalogue, options: ModelOptions) -> str:
    """Return the text of `models.py`: header, imports, plain aliases, classes, what refers to classes."""
    classes = "\n\n\n".join(
        _class(text, catalogue.definitions[name], options) for name, text in written.texts.items()
    )
    homes = RUNTIME_HOMES[options.flavour]
    imports = Imports({name: f"{options.runtime}.{module}" for name, module in homes.items()})
    imports.read(written.imports)
    imports.need_runtime(*imports.take(RUNTIME), *(imports.take(ALIASES) & SPECIAL))
    if re.search(r" = MISSING$", classes, re.MULTILINE):
        imports.need_runtime("MISSING", "Missing")
    named = aliases.write(catalogue, options.flavour, imports)
    facts = statements(catalogue, options.flavour, imports)
    top = [
        f'{options.header}\n"""The models of the API."""'.lstrip(),
        "from __future__ import annotations",
        str(imports),
        *named.before,
    ]
    parts = ("\n\n".join(t for t in top if t), classes, "\n\n".join(named.after), "\n".join(facts))
    return "\n\n\n".join(p for p in parts if p) + "\n"


def _class(text: str, definition: Definition, options: ModelOptions) -> str:
    if options.flavour == "typeddict" and " = TypedDict(" in text:
        return with_late_types(text)
    if options.flavour == "dataclass" and isinstance(definition, Record):
        return with_missing(text, definition)
    return text


def with_late_types(text: str) -> str:
    """Put the types of a TypedDict that is written as a call in quotes: what they name may stand further down."""
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
    return "".join(lines).rstrip("\n")


def with_missing(text: str, record: Record) -> str:
    """Let members of a dataclass that may be left out be `MISSING`, where the engine makes them `None`."""
    lines = text.splitlines(keepends=True)
    optional = {f.name: f for f in record.fields if not f.required}
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.ClassDef)
    for member in reversed(node.body):
        field = optional.get(ast.unparse(member.target)) if isinstance(member, ast.AnnAssign) else None
        if field is not None and isinstance(member, ast.AnnAssign) and member.end_lineno:
            type_ = ast.get_source_segment(text, member.annotation) or ""
            kept = type_ if is_nullable(field.shape) else re.sub(r"\s*\| None$", "", type_)
            type_ = f"(\n        {kept}\n        | Missing\n    )" if "\n" in kept else f"{kept} | Missing"
            lines[member.lineno - 1 : member.end_lineno] = [f"    {field.name}: {type_} = MISSING\n"]
    return "".join(lines).rstrip("\n")


class _Unquoted(ast.NodeTransformer):
    """Takes the quotes off names in a type; the values of a `Literal` keep theirs."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        is_literal = isinstance(node.value, ast.Name) and node.value.id == "Literal"
        return node if is_literal else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Name(node.value) if isinstance(node.value, str) else node
