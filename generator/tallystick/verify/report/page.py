"""The report for people: one self-contained HTML page, everything from the server escaped."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallystick.verify.report.reproduce import as_curl, as_pytest
from tallystick.verify.result import Result

_ENVIRONMENT = Environment(
    loader=PackageLoader("tallystick.verify.report", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def as_html(result: Result) -> str:
    """Return the result as a page without scripts and without anything loaded from elsewhere."""
    template = _ENVIRONMENT.get_template("page.html.jinja")
    return template.render(result=result, curl=as_curl, pytest=as_pytest)
