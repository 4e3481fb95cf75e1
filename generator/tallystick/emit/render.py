"""The one Jinja environment: templates print finished views and decide nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from tallystick import settings
from tallystick.emit.literals import quoted


class Templates:
    """The templates of Tallystick, single ones of them replaced by those of a folder of the user's own."""

    def __init__(self, overrides: Path | None = None) -> None:
        folders = [*([overrides] if overrides else []), settings.templates_folder()]
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


@cache
def standard() -> Templates:
    """Return Tallystick's own templates."""
    return Templates()
