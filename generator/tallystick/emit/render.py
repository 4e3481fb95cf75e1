"""The one Jinja environment: templates print finished views and decide nothing."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from tallystick import settings
from tallystick.emit.literals import quoted


class Templates:
    """The templates of Tallystick, single ones of them replaced by those of a folder of the user's own."""

    def __init__(self, overrides: Path | None = None) -> None:
        folders = [*([overrides] if overrides else []), settings.templates_folder()]
        self._folders = folders
        self._environment = Environment(  # nosec: what is printed is source text, not HTML
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701
        )
        self._environment.filters["quoted"] = quoted

    def render(self, name: str, **views: object) -> str:
        """Print one template."""
        return self._environment.get_template(f"{name}.jinja").render(**views)

    def digest(self) -> str:
        """Return a hash over all templates, the replaced ones as they are replaced."""
        found: dict[str, Path] = {}
        for folder in reversed(self._folders):
            found |= {path.name: path for path in folder.glob("*.jinja")}
        whole = hashlib.sha256()
        for name in sorted(found):
            whole.update(name.encode() + b"\0" + found[name].read_bytes() + b"\0")
        return whole.hexdigest()


@cache
def standard() -> Templates:
    """Return Tallystick's own templates."""
    return Templates()
