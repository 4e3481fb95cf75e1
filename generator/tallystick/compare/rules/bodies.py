"""Rules on bodies, media types, statuses and links."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES = (
    Rule(
        "request-body-added",
        _ERROR,
        "A request must have a body.",
        "clients that send none are refused",
        ("request.body.presence.added",),
    ),
    Rule(
        "request-optional-body-added",
        _INFO,
        "A request may have a body.",
        "what clients send today stays valid",
        ("request.body.presence.added",),
        when="optional",
    ),
    Rule(
        "request-body-removed",
        _ERROR,
        "A request has no body any more.",
        "what clients send in it is lost or refused",
        ("request.body.presence.removed",),
    ),
    Rule(
        "media-type-removed",
        _ERROR,
        "A media type went.",
        "whoever sends or asks for it is refused",
        ("request|response.body|.media-type.removed",),
    ),
    Rule(
        "media-type-added",
        _INFO,
        "A media type came.",
        "nobody has to send or read it",
        ("request|response.body|.media-type.added",),
    ),
    Rule(
        "request-media-type-narrowed",
        _ERROR,
        "A request's media type became a more special one.",
        "clients that send the general one are refused",
        ("request.body|.media-type-name.narrowed",),
    ),
    Rule(
        "request-media-type-renamed",
        _INFO,
        "A request's media type became a more general one, or its parameters changed.",
        "what clients send today stays valid",
        ("request.body|.media-type-name.widened|changed",),
    ),
    Rule(
        "response-media-type-widened",
        _ERROR,
        "A response's media type became a more general one.",
        "readers that ask for the special one may not get it",
        ("response.body|.media-type-name.widened",),
    ),
    Rule(
        "response-media-type-renamed",
        _INFO,
        "A response's media type became a more special one, or its parameters changed.",
        "readers that accept the general one accept it too",
        ("response.body|.media-type-name.narrowed|changed",),
    ),
    Rule(
        "request-schema-added",
        _ERROR,
        "A body or parameter that could be anything is described.",
        "clients whose values don't fit are refused",
        ("request.body|parameter.schema.added",),
    ),
    Rule(
        "message-body-removed",
        _ERROR,
        "A webhook or callback has no body any more.",
        "whoever reads it gets nothing",
        ("response.body.presence.removed",),
    ),
    Rule(
        "message-body-added",
        _INFO,
        "A webhook or callback has a body, or always has it.",
        "whoever doesn't expect it can pass over it",
        ("response.body.presence.added", "response.body.required.on"),
    ),
    Rule(
        "response-schema-removed",
        _WARNING,
        "A response that was described can be anything.",
        "readers can't rely on what they read; whether that has changed too, the documents can't tell",
        ("response.body|header.schema.removed",),
    ),
    Rule(
        "schema-freed",
        _INFO,
        "A request's body may be anything, or a response is described.",
        "what is valid stays so",
        ("request.body.schema.removed", "response.body.schema.added"),
    ),
    Rule(
        "success-status-removed",
        _ERROR,
        "A successful answer went.",
        "clients that wait for this status don't get it",
        ("response..success-status.removed",),
    ),
    Rule(
        "answer-status-removed",
        _ERROR,
        "A status with which a webhook or callback could be answered went.",
        "whoever answers with it is not understood",
        ("request..success-status.removed",),
    ),
    Rule(
        "status-changed",
        _INFO,
        "An answer came, or one that is no success went.",
        "clients treat unknown statuses by their class",
        ("response..success-status.added", "response..non-success-status.added|removed"),
    ),
    Rule(
        "link-removed",
        _WARNING,
        "A link to what can be called next went or leads elsewhere.",
        "clients that follow it don't arrive",
        ("response..link.removed|changed",),
    ),
    Rule(
        "link-added",
        _INFO,
        "A link to what can be called next came.",
        "nobody has to follow it",
        ("response..link.added",),
    ),
)
