"""A package of nothing but models: it needs the library that they are written for, and no other."""

from __future__ import annotations

from tallystick.emit import layout, package
from tallystick.emit.half import Half, Source
from tallystick.emit.library import LIBRARIES
from tallystick.emit.package import PackageView


def models_half(source: Source) -> Half:
    """Return what surrounds the models."""
    imports = ("from . import models as models", "from ._runtime.codec import InvalidValueError, dump, load")
    about = surroundings(source, "Models", imports, ("InvalidValueError", "dump", "load", "models"))
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
        licence=package.licence(contract),
        docstring=tuple(layout.docstring([f"{what} of {title}, version {version}."], 0)),
        imports=imports,
        exports=tuple(layout.filled([f'"{export}",' for export in sorted(exports)], 4)),
        requirements=(*needs, *LIBRARIES[source.flavour].requirements),
        extras=(),
        intro=tuple(layout.prose(contract.description or title, width=100)[:12]),
        example=(),
        credentials=(),
        models=tuple(layout.prose(LIBRARIES[source.flavour].words, width=100)),
    )
