"""Rules on numbers that bound a value."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_MOST = "maximum|exclusiveMaximum|maxLength|maxItems|maxProperties|maxContains"
_LEAST = "minimum|exclusiveMinimum|minLength|minItems|minProperties|minContains"

RULES = (
    Rule(
        "request-limit-tightened",
        _ERROR,
        "A limit on what a request may hold became tighter.",
        "clients that used the room they had are refused",
        (f"request.*.{_MOST}.lowered", f"request.*.{_LEAST}.raised"),
    ),
    Rule(
        "request-limit-introduced",
        _WARNING,
        "A limit on what a request may hold appeared.",
        "clients whose values don't keep to it are refused; the documents can't tell whether there are any",
        (f"request.*.{_MOST}|{_LEAST}|multipleOf.introduced",),
    ),
    Rule(
        "request-limit-relaxed",
        _INFO,
        "A limit on what a request may hold became wider.",
        "what clients send today stays valid",
        (
            "request.body|property.maximum|exclusiveMaximum|maxLength|maxItems|maxProperties|maxContains.raised",
            "request.body|property.minimum|exclusiveMinimum|minLength|minContains.lowered",
            "request.body|property.multipleOf|uniqueItems.removed",
            "request.body|property.multipleOf.widened",
            "request.parameter.maximum|exclusiveMaximum|maxLength|maxItems.raised",
            "request.parameter.minimum|exclusiveMinimum|minLength|minItems.lowered",
        ),
    ),
    Rule(
        "request-read-only-limit-tightened",
        _INFO,
        "A limit on a read-only property, which requests need not carry, became tighter.",
        "requests don't carry it",
        (
            "request.read-only-property.maximum|exclusiveMaximum|maxLength|maxItems|maxProperties.lowered",
            "request.read-only-property.minimum|exclusiveMinimum.raised",
        ),
    ),
    Rule(
        "response-limit-relaxed",
        _ERROR,
        "A limit on what a response may hold became wider or was dropped.",
        "readers that rely on the old limit meet values beyond it",
        (
            f"response.*.{_MOST}.raised",
            f"response.*.{_LEAST}.lowered",
            f"response.*.{_MOST}|{_LEAST}|multipleOf.removed",
        ),
    ),
    Rule(
        "response-limit-tightened",
        _INFO,
        "What a response holds became more predictable: fewer or more matching items, greater steps between numbers.",
        "readers meet nothing new",
        (
            "response.*.maxContains.lowered",
            "response.*.minContains.raised",
            "response.body|property.multipleOf.narrowed",
        ),
    ),
    Rule(
        "multiple-of-changed",
        _ERROR,
        "The step between allowed numbers changed so that old values no longer fit, or new ones appear.",
        "numbers that were valid on one side are not on the other",
        ("request|response.*.multipleOf.changed",),
    ),
    Rule(
        "request-items-must-differ",
        _ERROR,
        "Items of a request's list must be different from each other.",
        "clients that repeat an item are refused",
        ("request.*.uniqueItems.introduced",),
    ),
    Rule(
        "response-items-may-repeat",
        _ERROR,
        "Items of a response's list may repeat.",
        "readers that rely on different items meet repeated ones",
        ("response.*.uniqueItems.removed",),
    ),
)
