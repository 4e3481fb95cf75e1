"""Rules on operations: which there are, how long they stay, who may call them, what they call back."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _INFO = Severity.ERROR, Severity.INFO

RULES = (
    Rule(
        "operation-removed",
        _ERROR,
        "An operation went without having been deprecated.",
        "clients that call it are refused",
        ("operation..presence.removed",),
    ),
    Rule(
        "operation-announced-removal",
        _INFO,
        "A deprecated operation went.",
        "its end was announced",
        ("operation..presence.removed",),
        when="deprecated",
    ),
    Rule(
        "operation-early-removal",
        _ERROR,
        "A deprecated operation went before its sunset.",
        "clients that rely on the announced date break",
        ("operation..presence.removed",),
        when="before-sunset",
    ),
    Rule(
        "operation-added",
        _INFO,
        "An operation came.",
        "nobody has to call it",
        ("operation..presence.added",),
    ),
    Rule(
        "operation-deprecated",
        _INFO,
        "An operation was deprecated, or is so no longer.",
        "nothing breaks yet",
        ("operation..deprecated.on|off",),
    ),
    Rule(
        "operation-sunset-broken",
        _ERROR,
        "The date on which an operation ends went, is unreadable, is already past, or came nearer.",
        "whoever plans by it can't",
        ("operation..sunset.removed|invalid|too-soon",),
    ),
    Rule(
        "stability-lowered",
        _ERROR,
        "Something is promised to be less stable than before.",
        "whoever relies on the old promise can't",
        ("operation..stability.lowered", "request|response.property.stability.lowered"),
    ),
    Rule(
        "stability-invalid",
        _ERROR,
        "The promised stability is none of draft, alpha, beta, stable.",
        "nobody can tell what is promised",
        ("operation..stability.invalid", "request|response.property.stability.invalid"),
    ),
    Rule(
        "stability-raised",
        _INFO,
        "Something is promised to be more stable than before.",
        "nothing breaks",
        ("operation..stability.raised", "request|response.property.stability.raised"),
    ),
    Rule(
        "operation-renamed",
        _INFO,
        "An operationId or a tag came or went.",
        "requests stay the same; generated names change",
        ("operation..operationId|tag.added|removed",),
    ),
    Rule(
        "security-alternative-added",
        _INFO,
        "One more way to prove who calls.",
        "nobody has to use it",
        ("operation|document..security-alternative.added",),
    ),
    Rule(
        "security-introduced",
        _INFO,
        "An operation that was open to all asks for a proof of who calls.",
        "clients that send none need credentials, which are arranged outside of the contract",
        ("operation|document..security-alternative.added",),
        when="was-open",
    ),
    Rule(
        "security-alternative-removed",
        _INFO,
        "A way to prove who calls went, and others remain.",
        "clients that use it need another way, which is arranged outside of the contract",
        ("operation|document..security-alternative.removed",),
    ),
    Rule(
        "security-lifted",
        _INFO,
        "A way to prove who calls went, and none is needed now.",
        "what clients send today is accepted",
        ("operation|document..security-alternative.removed",),
        when="now-open",
    ),
    Rule(
        "security-scope-added",
        _INFO,
        "A call needs one more scope.",
        "clients whose tokens lack it need others, which are arranged outside of the contract",
        ("operation|document..security-scope.added",),
    ),
    Rule(
        "security-scope-removed",
        _INFO,
        "A call needs one scope less.",
        "the tokens of today suffice",
        ("operation|document..security-scope.removed",),
    ),
    Rule(
        "callback-removed",
        _ERROR,
        "A callback went.",
        "whoever waits for it is not called any more",
        ("operation..callback.removed",),
    ),
    Rule(
        "callback-added",
        _INFO,
        "A callback came.",
        "whoever doesn't expect it can ignore it",
        ("operation..callback.added",),
    ),
)
