"""Parts of operations: parameters, bodies, responses, servers, security. Each function reads one kind of object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tallystick.contract.model import (
    DomainError,
    Encoding,
    Example,
    Header,
    Link,
    Media,
    Outcome,
    Parameter,
    ParameterIn,
    RequestBody,
    SecurityNeed,
    SecurityScheme,
    Server,
    ServerVariable,
    Signer,
)
from tallystick.contract.reader import Reader, Unclear, flag, names, text
from tallystick.contract.schema import Schema, as_mapping
from tallystick.load import Json
from tallystick.load.pointer import NoSuchMember, get, join, split

_LOCATIONS = ("path", "query", "header", "cookie")
_SCHEME_KINDS = ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect")
_DEFAULT_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
"""Header parameters that OpenAPI says to ignore: media types and security speak of them already."""


def parameters(reader: Reader, node: Mapping[str, Json], pointer: str) -> dict[tuple[str, str], Parameter]:
    """Return the parameters of a path item or operation by (location, name).

    One with an empty name, which nobody could send, is left out. Raises `Unclear` for one that can't be understood.
    """
    found: dict[tuple[str, str], Parameter] = {}
    for item, place in reader.items(node, "parameters", pointer):
        parameter = _parameter(reader, item, place)
        if parameter is not None:
            found[parameter.location, parameter.name] = parameter
    return found


def _parameter(reader: Reader, item: Json, pointer: str) -> Parameter | None:
    node, pointer = reader.follow(item, pointer)
    name, location = text(node, "name"), text(node, "in")
    if node.get("name") == "" and location in _LOCATIONS:
        reader.report("parameter-nameless", f"a {location} parameter with an empty name is left out", pointer)
        return None
    if not name or location not in _LOCATIONS:
        reader.report(
            "parameter-unclear",
            "a parameter needs a name and a place",
            pointer,
            expected="'name', and 'in' as one of " + ", ".join(_LOCATIONS),
        )
        raise Unclear("a parameter has no name or no place", pointer)
    if location == "header" and name.lower() in _IGNORED_HEADERS:
        return None
    style = text(node, "style", _DEFAULT_STYLE[location])
    media = _media(reader, node, pointer)
    return Parameter(
        name=name,
        location=cast("ParameterIn", location),
        pointer=pointer,
        required=location == "path" or flag(node, "required"),
        schema=schema(reader, node, "schema", pointer),
        media=media[0] if media else None,
        style=style,
        explode=flag(node, "explode", default=style == "form"),
        allow_reserved=flag(node, "allowReserved"),
        description=text(node, "description"),
        deprecated=flag(node, "deprecated"),
        examples=examples(reader, node, pointer),
    )


def schema(reader: Reader, node: Mapping[str, Json], name: str, pointer: str) -> Schema | None:
    """Return the schema in a member, `None` when there is none."""
    data = node.get(name)
    return Schema(reader.document, join(pointer, name), data) if isinstance(data, (dict, bool)) else None


def examples(reader: Reader, node: Mapping[str, Json], pointer: str) -> tuple[Example, ...]:
    """Return the named examples, and `example` under the name `default`."""
    found: list[Example] = []
    if "example" in node:
        found.append(Example("default", join(pointer, "example"), node["example"]))
    for name, item, place in reader.members(node, "examples", pointer):
        try:
            example, origin = reader.follow(item, place)
        except Unclear:
            continue  # its finding is known; an example less is not a contract less
        if "value" in example:
            found.append(Example(name, join(origin, "value"), example["value"], text(example, "summary")))
        elif "externalValue" in example:
            external = text(example, "externalValue")
            found.append(Example(name, origin, None, text(example, "summary"), external))
    return tuple(found)


def _media(reader: Reader, node: Mapping[str, Json], pointer: str) -> tuple[Media, ...]:
    found: list[Media] = []
    for content_type, item, place in reader.members(node, "content", pointer):
        media, origin = reader.follow(item, place)
        encodings = {name: _encoding(reader, e, p) for name, e, p in reader.members(media, "encoding", origin)}
        found.append(
            Media(
                content_type.strip().lower() or "*/*",
                origin,
                schema(reader, media, "schema", origin),
                examples(reader, media, origin),
                encodings,
            )
        )
    return tuple(found)


def _encoding(reader: Reader, item: Json, pointer: str) -> Encoding:
    node = as_mapping(item)
    style = text(node, "style", "form")
    return Encoding(
        content_type=text(node, "contentType"),
        style=style,
        explode=flag(node, "explode", default=style == "form"),
        allow_reserved=flag(node, "allowReserved"),
        headers=_headers(reader, node, pointer),
    )


def _headers(reader: Reader, node: Mapping[str, Json], pointer: str) -> tuple[Header, ...]:
    found: list[Header] = []
    for name, item, place in reader.members(node, "headers", pointer):
        try:
            header, origin = reader.follow(item, place)
        except Unclear as unclear:
            reader.report("header-unclear", f"the header {name} is left out: {unclear.reason}", unclear.pointer)
            continue
        if name.lower() == "content-type":
            continue
        found.append(
            Header(
                name,
                origin,
                schema(reader, header, "schema", origin),
                flag(header, "required"),
                text(header, "description"),
                flag(header, "deprecated"),
                flag(header, "explode"),
            )
        )
    return tuple(found)


def request_body(reader: Reader, operation: Mapping[str, Json], pointer: str) -> RequestBody | None:
    """Return the request body, `None` when the operation has none or it lists no media type."""
    if "requestBody" not in operation:
        return None
    node, origin = reader.follow(operation["requestBody"], join(pointer, "requestBody"))
    media = _media(reader, node, origin)
    if not media:
        return None
    return RequestBody(origin, flag(node, "required"), text(node, "description"), media)


def outcomes(reader: Reader, operation: Mapping[str, Json], pointer: str) -> tuple[Outcome, ...]:
    """Return the responses, exact statuses first in ascending order, then ranges, then `default`.

    An error that can't be understood says only its status. Raises `Unclear` when the same is true of a success.
    """
    found: list[Outcome] = []
    for status, item, place in reader.members(operation, "responses", pointer):
        try:
            node, origin = reader.follow(item, place)
        except Unclear:
            if not status.startswith(("4", "5")):
                raise
            node, origin = dict[str, Json](), place
        normal = status.upper() if status != "default" else status
        if normal != "default" and not (
            len(normal) == 3 and normal[0] in "12345" and normal[1:].isdigit() | (normal[1:] == "XX")
        ):
            reader.report(
                "status-unclear",
                f"{status!r} is not a status",
                place,
                expected="a status such as 200, a range such as 4XX, or default",
            )
            continue
        found.append(
            Outcome(
                status=normal,
                pointer=origin,
                description=text(node, "description"),
                headers=_headers(reader, node, origin),
                media=_media(reader, node, origin),
                links=_links(reader, node, origin),
                errors=_errors(node, origin),
            )
        )
    return tuple(sorted(found, key=lambda o: (o.status == "default", o.status.endswith("XX"), o.status)))


def _links(reader: Reader, node: Mapping[str, Json], pointer: str) -> tuple[Link, ...]:
    found: list[Link] = []
    for name, item, place in reader.members(node, "links", pointer):
        try:
            link, origin = reader.follow(item, place)
        except Unclear as unclear:
            reader.report("link-unclear", f"the link {name} is left out: {unclear.reason}", unclear.pointer)
            continue
        target = _link_target(reader, link)
        if target is None:
            reader.report(
                "link-unclear",
                f"the link {name} leads to no operation of this document",
                origin,
                hint="give it the operationId of an operation that exists",
            )
            continue
        found.append(
            Link(
                name,
                origin,
                target,
                as_mapping(link.get("parameters")),
                link.get("requestBody"),
                text(link, "description"),
            )
        )
    return tuple(found)


def _link_target(reader: Reader, link: Mapping[str, Json]) -> str | None:
    """Return the id of the operation that a link leads to, `None` when there is none in this document."""
    wanted = text(link, "operationId")
    if wanted:
        return wanted if wanted in _operation_ids(reader.document) else None
    ref = text(link, "operationRef")
    if not ref.startswith("#/paths/"):
        return None
    try:
        node = get(reader.document, ref[1:])
    except NoSuchMember:
        return None
    tokens = split(ref[1:])
    return text(as_mapping(cast("Json", node)), "operationId") or derived_id(tokens[2], tokens[1])


def _operation_ids(document: Mapping[str, Json]) -> set[str]:
    items = (as_mapping(item) for item in as_mapping(document.get("paths")).values())
    return {text(as_mapping(node), "operationId") for item in items for node in item.values()}


def derived_id(method: str, path: str) -> str:
    """Return the id of an operation that has none of its own."""
    return f"{method} {path}"


def _errors(node: Mapping[str, Json], pointer: str) -> tuple[DomainError, ...]:
    listed = node.get("x-error")
    entries = listed if isinstance(listed, list) else [listed] if isinstance(listed, dict) else []
    found: list[DomainError] = []
    for index, entry in enumerate(entries):
        item = as_mapping(entry)
        fill = {k: v for k, v in as_mapping(item.get("fill")).items() if isinstance(v, str)}
        if text(item, "name"):
            found.append(
                DomainError(
                    text(item, "name"),
                    join(pointer, "x-error", index),
                    as_mapping(item.get("when")),
                    names(item, "situations"),
                    text(item, "example"),
                    fill,
                    text(item, "description"),
                )
            )
    return tuple(found)


def servers(reader: Reader, node: Mapping[str, Json], pointer: str) -> tuple[Server, ...]:
    """Return the servers that an object lists."""
    found: list[Server] = []
    for item, place in reader.items(node, "servers", pointer):
        server = as_mapping(item)
        variables = tuple(
            ServerVariable(
                name,
                str(as_mapping(v).get("default", "")),
                names(as_mapping(v), "enum"),
                text(as_mapping(v), "description"),
            )
            for name, v, _ in reader.members(server, "variables", place)
        )
        if text(server, "url"):
            url, description = text(server, "url"), text(server, "description")
            found.append(Server(place, url, description, variables, text(server, "x-name")))
    return tuple(found)


def security(node: Mapping[str, Json]) -> tuple[tuple[SecurityNeed, ...], ...] | None:
    """Return the alternatives that an object lists, `None` when it says nothing."""
    listed = node.get("security")
    if not isinstance(listed, list):
        return None
    return tuple(
        tuple(SecurityNeed(name, names(as_mapping(item), name)) for name in as_mapping(item)) for item in listed
    )


def security_schemes(reader: Reader) -> dict[str, SecurityScheme]:
    """Return the security schemes by name; those that can't be read have a finding and are left out."""
    found: dict[str, SecurityScheme] = {}
    components = as_mapping(reader.document.get("components"))
    for name, item, place in reader.members(components, "securitySchemes", "/components"):
        try:
            node, origin = reader.follow(item, place)
        except Unclear as unclear:
            reader.report("security-unclear", f"the scheme {name} is left out: {unclear.reason}", unclear.pointer)
            continue
        if wrong := _wrong_in_scheme(node):
            member, reason, expected = wrong
            place = join(origin, member) if member in node else origin
            reader.report("security-unclear", f"the scheme {name} is left out: {reason}", place, expected=expected)
            continue
        found[name] = SecurityScheme(
            name=name,
            pointer=origin,
            kind=text(node, "type"),
            location=text(node, "in"),
            parameter=text(node, "name"),
            scheme=text(node, "scheme").lower(),
            bearer_format=text(node, "bearerFormat"),
            flows=as_mapping(node.get("flows")),
            open_id_url=text(node, "openIdConnectUrl"),
            description=text(node, "description"),
            signer=_signer(as_mapping(node.get("x-signer"))),
        )
    return found


def _wrong_in_scheme(node: Mapping[str, Json]) -> tuple[str, str, str] | None:
    """Return which member leaves nobody a way to prove who they are, why, and what was expected of it."""
    kind, places = text(node, "type"), _LOCATIONS[1:]
    if kind not in _SCHEME_KINDS:
        return "type", "its type is not known" if kind else "it has no type", f"one of {', '.join(_SCHEME_KINDS)}"
    if kind == "apiKey" and text(node, "in") not in places:
        return "in", "its key has no place", f"`in` as one of {', '.join(places)}"
    if kind == "apiKey" and not text(node, "name"):
        return "name", "its key has no name", "the name of a header, cookie or query parameter"
    if kind == "http" and not text(node, "scheme"):
        return "scheme", "it names no scheme of HTTP", "a scheme such as bearer"
    return None


def _signer(node: Mapping[str, Json]) -> Signer | None:
    module, class_name = text(node, "module"), text(node, "class")
    if not (module.isidentifier() and class_name.isidentifier()):
        return None
    return Signer(module, class_name, names(node, "credentials"))
