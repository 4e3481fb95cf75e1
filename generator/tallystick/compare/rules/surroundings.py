"""Rules on what stands around the operations: webhooks, servers, named schemas, security schemes."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES = (
    Rule(
        "webhook-removed",
        _ERROR,
        "A webhook went.",
        "whoever waits for it is not called any more",
        ("webhook..presence.removed",),
    ),
    Rule(
        "webhook-added",
        _INFO,
        "A webhook came.",
        "whoever doesn't expect it can ignore it",
        ("webhook..presence.added",),
    ),
    Rule(
        "server-removed",
        _WARNING,
        "An address under which the API is served went.",
        "clients that are set up with it may get no answer",
        ("document|operation..server.removed",),
    ),
    Rule(
        "server-added",
        _INFO,
        "An address under which the API is served came.",
        "nobody has to use it",
        ("document|operation..server.added",),
    ),
    Rule(
        "server-value-removed",
        _WARNING,
        "A value that a part of a server's address can have went.",
        "clients that are set up with it may get no answer",
        ("document|operation..server-variable.value-removed",),
    ),
    Rule(
        "component-schema-removed",
        _INFO,
        "A named schema went.",
        "requests and responses are judged where they use it; code generated from its name changes",
        ("components..schema.removed",),
    ),
    Rule(
        "security-scheme-changed",
        _INFO,
        "The description of a security scheme came, went or changed.",
        "calls are judged where they need the scheme",
        (
            "components..security-scheme.added|removed",
            "components..security-scheme-type.changed",
            "components..oauth-authorizationUrl|oauth-tokenUrl|oauth-refreshUrl.changed",
            "components..oauth-flow.added|removed",
            "components..oauth-scope.added|changed|removed",
        ),
    ),
    Rule(
        "security-scheme-moved",
        _ERROR,
        "The credential is sent in another place, or under another name.",
        "clients that send it where it was are refused",
        ("components..security-scheme-in|security-scheme-name|security-scheme-scheme.changed",),
    ),
)
