"""Rules on the values that are listed, fixed, assumed or described by a pattern."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES = (
    Rule(
        "request-enum-introduced",
        _ERROR,
        "What a request may hold is now a list of values.",
        "clients that send any other value are refused",
        ("request.body|property|parameter|parameter-property|header-property.enum.on",),
    ),
    Rule(
        "request-value-removed",
        _ERROR,
        "A value that a request may hold is no longer listed.",
        "clients that send it can't rely on its being accepted",
        ("request.*.enum|x-extensible-enum.value-removed",),
    ),
    Rule(
        "request-read-only-value-removed",
        _INFO,
        "A value of a read-only property is no longer listed.",
        "requests don't carry it",
        ("request.read-only-property.enum.value-removed",),
    ),
    Rule(
        "request-value-added",
        _INFO,
        "A value that a request may hold is now listed.",
        "clients may send it; what they send today stays as it is",
        ("request.property|parameter|parameter-property.enum.value-added",),
    ),
    Rule(
        "response-value-added",
        _WARNING,
        "A response may hold a value that was not listed.",
        "readers that handle the listed values only meet one they don't know",
        ("response.*.enum.value-added",),
    ),
    Rule(
        "response-open-value-added",
        _INFO,
        "A response may hold a value that was not listed, where readers are told to expect that (x-open-enum).",
        "readers of an open list survive values that are not listed",
        ("response.*.enum.value-added",),
        when="open",
    ),
    Rule(
        "response-write-only-value-added",
        _INFO,
        "A value of a write-only property is now listed.",
        "responses don't carry it",
        ("response.write-only-property.enum.value-added",),
    ),
    Rule(
        "response-value-removed",
        _INFO,
        "A value of a response is no longer listed.",
        "readers merely wait for a value that doesn't come",
        ("response.*.enum.value-removed",),
    ),
    Rule(
        "const-changed",
        _ERROR,
        "The only allowed value became another.",
        "the two sides disagree on the only valid value",
        ("request|response.*.const.changed",),
    ),
    Rule(
        "request-const-added",
        _ERROR,
        "A request may hold one value only.",
        "clients that send any other value are refused",
        ("request.*.const.added",),
    ),
    Rule(
        "request-const-removed",
        _INFO,
        "A request may hold more than one value.",
        "what clients send today stays valid",
        ("request.body|property.const.removed",),
    ),
    Rule(
        "response-const-removed",
        _ERROR,
        "A response may hold more than one value.",
        "readers that rely on the one value meet others",
        ("response.*.const.removed",),
    ),
    Rule(
        "response-const-added",
        _INFO,
        "A response holds one value only.",
        "readers meet nothing new",
        ("response.body|property.const.added",),
    ),
    Rule(
        "parameter-default-changed",
        _ERROR,
        "An optional parameter's default appeared, changed or went.",
        "clients that leave the parameter out get something else than before",
        ("request.parameter.default.added|changed|removed",),
    ),
    Rule(
        "default-changed",
        _INFO,
        "The default of a body's member appeared, changed or went.",
        "what is valid stays so",
        ("request|response.body|property.default.added|changed|removed",),
    ),
    Rule(
        "request-pattern-added",
        _ERROR,
        "A request's text must match a pattern.",
        "clients whose text doesn't match are refused",
        ("request.*.pattern.added",),
    ),
    Rule(
        "request-pattern-changed",
        _WARNING,
        "A request's text must match another pattern.",
        "clients whose text matches only the old pattern are refused; whether there are any can't be told",
        ("request.*.pattern.changed",),
    ),
    Rule(
        "request-pattern-relaxed",
        _INFO,
        "A request's text may be freer.",
        "what clients send today stays valid",
        ("request.property|parameter.pattern.removed|widened",),
    ),
    Rule(
        "response-pattern-changed",
        _INFO,
        "The pattern of a response's text appeared, changed or went.",
        "readers seldom depend on a pattern; those that check it should look",
        ("response.property.pattern.added|changed|removed",),
    ),
)
