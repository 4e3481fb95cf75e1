"""Rules on types, formats, null, and how text inside is read."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES = (
    Rule(
        "request-type-narrowed",
        _ERROR,
        "A request may hold fewer types.",
        "clients that send the type that went are refused",
        ("request.*.type.narrowed",),
    ),
    Rule(
        "request-type-changed",
        _ERROR,
        "A request must hold another type or format.",
        "what clients send today is refused",
        ("request.*.type.changed",),
    ),
    Rule(
        "parameter-property-type-changed",
        _WARNING,
        "The type of a parameter's member changed between types that may look alike as text.",
        "clients are refused unless the parameter is read as text",
        ("request.parameter-property.type.changed",),
    ),
    Rule(
        "request-type-widened",
        _INFO,
        "A request may hold more types or formats.",
        "what clients send today stays valid",
        ("request.*.type.widened",),
    ),
    Rule(
        "type-compatible",
        _INFO,
        "The type changed, but the media type carries text, where both look alike.",
        "the text on the wire stays valid",
        ("request|response.*.type.compatible",),
    ),
    Rule(
        "response-type-changed",
        _ERROR,
        "A response holds another type or format.",
        "readers meet a type they don't expect",
        ("response.*.type.changed|widened",),
    ),
    Rule(
        "response-type-narrowed",
        _INFO,
        "A response holds fewer types.",
        "readers meet nothing new",
        ("response.*.type.narrowed",),
    ),
    Rule(
        "request-null-refused",
        _ERROR,
        "A request may no longer hold null.",
        "clients that send null are refused",
        ("request.*.nullable.off",),
    ),
    Rule(
        "request-null-allowed",
        _INFO,
        "A request may hold null.",
        "what clients send today stays valid",
        ("request.*.nullable.on",),
    ),
    Rule(
        "response-null-possible",
        _ERROR,
        "A response may hold null.",
        "readers that don't expect null fail on it",
        ("response.*.nullable.on",),
    ),
    Rule(
        "response-null-impossible",
        _INFO,
        "A response no longer holds null.",
        "readers meet nothing new",
        ("response.*.nullable.off",),
    ),
    Rule(
        "content-reading-changed",
        _ERROR,
        "The text inside is encoded, or to be read, in another way.",
        "whoever reads it the old way gets something else",
        ("request|response.*.contentEncoding|contentMediaType.changed",),
    ),
)
