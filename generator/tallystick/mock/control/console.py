"""What the mock serves of its own: front page, contract, viewer, hosted pages, control surface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tallystick.load import Json
from tallystick.mock.control import pages
from tallystick.mock.control.operations import Control
from tallystick.mock.control.picture import svg
from tallystick.mock.message import Answer, Request
from tallystick.mock.service import Mock
from tallystick.mock.state.lifecycle import PAGES
from tallystick.mock.wire.outgoing import encoded_json
from tallystick.mock.wire.security import defaults_in_words

_ASSETS: Final = "/_tallystick/assets/"
_OWN_ASSETS: Final = Path(__file__).with_name("assets")
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Console:
    """Routes requests for what is the mock's own."""

    def __init__(self, mock: Mock, play: Callable[[Request], Awaitable[Answer]]) -> None:
        self._mock = mock
        self._control = Control(mock, play)

    async def answer(self, request: Request) -> Answer:
        """Return the answer to a request for something of the mock's own."""
        if request.path.startswith(PAGES + "/"):
            return await pages.page(self._control, request)
        found = self._read(request)
        if found is None:
            return await self._control.answer(request)
        if request.method not in ("GET", "HEAD"):
            refusal = encoded_json(405, {"message": "This takes GET, HEAD."})
            return replace(refusal, headers={**refusal.headers, "Allow": "GET, HEAD"})
        return found

    def _read(self, request: Request) -> Answer | None:
        contract = self._mock.contract
        match request.path:
            case "/" | "/_tallystick" | "/_tallystick/":
                return self._front()
            case "/_tallystick/openapi.json":
                return encoded_json(200, contract.document)
            case "/_tallystick/reference.json":
                return encoded_json(200, {**contract.document, "servers": [{"url": "/"}]})
            case "/_tallystick/control.json":
                return encoded_json(200, self._control.document)
            case "/_tallystick/reference":
                return _viewer(contract.title, "/_tallystick/reference.json")
            case "/_tallystick/control":
                return _viewer("Control surface", "/_tallystick/control.json")
            case path if path.startswith(_ASSETS):
                return _asset(path.removeprefix(_ASSETS))
        return None

    def _credentials(self) -> str:
        return defaults_in_words(self._mock.contract, anybody=self._mock.takes_anybody)

    def _front(self) -> Answer:
        from markupsafe import Markup

        lifecycles = [
            # The picture escapes the names in it.
            {"name": lc.resource, "description": lc.description, "picture": Markup(svg(lc))}  # noqa: S704
            for lc in self._mock.engine.holdings.lifecycles.values()
            if lc not in self._mock.inferred
        ]
        return _page(
            "front.html",
            title=self._mock.contract.title,
            version=self._mock.contract.version,
            mode=self._mock.mode,
            credentials=[word for word in self._credentials().split("; ") if word],
            lifecycles=lifecycles,
            inferred=[lc.description for lc in self._mock.inferred if self._mock.mode == "stateful"],
        )


def _page(template: str, **values: object) -> Answer:
    text = pages.template(template).render(values)
    return Answer(200, text.encode(), {"Content-Type": "text/html; charset=utf-8", **_SECURITY})


def _viewer(title: str, document: Json) -> Answer:
    return _page("reference.html", title=title, document=document)


def _asset(name: str) -> Answer | None:
    path = _known_assets().get(name)
    if path is None:
        return None
    headers = {"Content-Type": _TYPES[path.suffix], "X-Content-Type-Options": "nosniff"}
    return Answer(200, path.read_bytes(), headers)


@cache
def _known_assets() -> dict[str, Path]:
    """Return the files that pages need, by the name they are asked for: nothing else is ever read from the disk."""
    own = {path.name: path for path in _OWN_ASSETS.iterdir() if path.suffix in _TYPES}
    viewer = _viewer_folder()
    names = ("swagger-ui.css", "swagger-ui-bundle.js")
    return {**own, **({f"viewer/{n}": viewer / n for n in names} if viewer is not None else {})}


def _viewer_folder() -> Path | None:
    """Return where Swagger UI lies, as the package flask-swagger-ui ships it; the package itself isn't imported."""
    spec = find_spec("flask_swagger_ui")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) / "dist" if places else None
