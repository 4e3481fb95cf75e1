"""How a shape is written down in Python, and what a module has to import for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from tallystick.emit import layout
from tallystick.emit.literals import quoted
from tallystick.emit.models import shape as s
from tallystick.emit.models.expression import SCALARS

_SCALARS = {**SCALARS, "decimal-number": SCALARS["decimal"]}
RESERVED = frozenset(("Any", "Literal", "Mapping", "Sequence", *(name for _, name in _SCALARS.values())))
"""What annotations are made of, besides builtins and models."""


@dataclass(slots=True)
class Scope:
    """The names of one generated module: what it imports, and what its imports must not be called.

    `models` is the relative module of the models; `hidden` are builtins that a class of this module has methods named
    after, so that annotations have to reach them another way.
    """

    models: str
    taken: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    imports: dict[str, dict[str, str]] = field(default_factory=dict)

    def use(self, module: str, name: str) -> str:
        """Import a name, and return what it is called here."""
        clashes = module == self.models and name in self.taken | RESERVED
        return self.imports.setdefault(module, {}).setdefault(name, f"{name}Model" if clashes else name)

    def builtin(self, name: str) -> str:
        """Return how a builtin type is written here."""
        if name not in self.hidden:
            return name
        self.imports.setdefault("builtins", {})
        return f"builtins.{name}"

    def lines(self, *, inside: bool = False) -> list[str]:
        """Return the import statements: `__future__` unless `inside` a block, the standard library, the package."""
        far = [module for module in self.imports if not module.startswith(".")]
        near = sorted((m for m in self.imports if m.startswith(".")), key=lambda m: (-_dots(m), m))
        groups = [[] if inside else ["from __future__ import annotations"]]
        groups += [[line for module in group for line in self._lines(module)] for group in (sorted(far), near)]
        return [line for group in groups if group for line in (*group, "")][:-1]

    def _lines(self, module: str) -> list[str]:
        names = self.imports[module]
        if not names:
            return [f"import {module}"]
        listed = [name if name == names[name] else f"{name} as {names[name]}" for name in sorted(names, key=_rank)]
        return layout.call(f"from {module} import ", "(", listed, ")", bare=True)


def _rank(name: str) -> tuple[int, str]:
    """Order names as isort does: constants, classes, functions."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _dots(module: str) -> int:
    return len(module) - len(module.lstrip("."))


def annotation(shape: s.Shape, scope: Scope, *, argument: bool = False) -> str:
    """Write a shape as an annotation; an argument takes any sequence or mapping, not only a list or dict."""

    def within(part: s.Shape) -> str:
        return annotation(part, scope, argument=argument)

    match shape:
        case s.Anything() | s.Nothing():
            return scope.use("typing", "Any")
        case s.Null():
            return "None"
        case s.Plain(kind=kind):
            return scope.use(*_SCALARS[kind]) if kind in _SCALARS else scope.builtin(kind)
        case s.Choice():
            return _choice(shape, scope)
        case s.Sequence(item=item):
            outer = scope.use("collections.abc", "Sequence") if argument else scope.builtin("list")
            return f"{outer}[{within(item)}]"
        case s.Table(value=value):
            outer = scope.use("collections.abc", "Mapping") if argument else scope.builtin("dict")
            return f"{outer}[{scope.builtin('str')}, {within(value)}]"
        case s.Row(items=items):
            return f"{scope.builtin('tuple')}[{', '.join(map(within, items)) or '()'}]"
        case s.Union(members=members):
            return " | ".join(dict.fromkeys(map(within, members)))
        case s.Named(name=name):
            return scope.use(scope.models, name)
        case _:
            assert_never(shape)


def _choice(shape: s.Choice, scope: Scope) -> str:
    """Write listed values; an open list says honestly that any other may come."""
    literal = scope.use("typing", "Literal")
    values = [value for value in shape.values if value is not None]
    parts = [f"{literal}[{', '.join(map(quoted, values))}]"] if values else []
    parts += [scope.builtin(shape.open)] if shape.open else []
    return " | ".join([*parts, "None"] if None in shape.values else parts)
