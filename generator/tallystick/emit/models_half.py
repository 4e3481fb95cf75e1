"""A package of nothing but models: it needs the library that they are written for, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.emit import layout, package
from tallystick.emit.half import Half, Source
from tallystick.emit.package import PackageView

LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "pydantic": ("pydantic>=2.12",),
    "msgspec": ("msgspec>=0.20",),
    "dataclass": (),
    "typeddict": (),
}
"""What models of a flavour need."""


def models_half(source: Source) -> Half:
    """Return what surrounds the models."""
    about = surroundings(source, "Models", ("from . import models as models",), ("models",))
    files = {
        "__init__.py": source.templates.render("init.py", header=source.header, package=about),
        "README.md": source.templates.render("models_README.md", header=source.header, package=about),
        "pyproject.toml": source.templates.render("pyproject.toml", header=source.header, package=about),
    }
    return Half(files)


def surroundings(
    source: Source, what: str, imports: tuple[str, ...], exports: tuple[str, ...], needs: tuple[str, ...] = ()
) -> PackageView:
    """Say what a package without a client says about itself."""
    contract, name = source.contract, source.names[0]
    title = (layout.prose(contract.title, width=1000) or [name])[0]
    version = package.release(contract)
    return PackageView(
        name=name,
        distribution=name.replace("_", "-"),
        version=version,
        summary=f"{what} of {title}",
        docstring=tuple(layout.docstring([f"{what} of {title}, version {version}."], 0)),
        imports=imports,
        exports=tuple(layout.filled([f'"{export}",' for export in sorted(exports)], 4)),
        requirements=(*needs, *LIBRARIES[source.flavour]),
        extras=(),
        intro=tuple(layout.prose(contract.description or title, width=100)[:12]),
        example=(),
        credentials=(),
    )
