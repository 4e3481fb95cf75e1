"""Rules on subschemas: conditions, alternatives, positions, other members."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_SHAPES = (
    "contains|contentSchema|dependentRequired|dependentSchemas|else|if|patternProperties|propertyNames|then"
    "|unevaluatedItems|unevaluatedProperties"
)

RULES = (
    Rule(
        "request-constraint-added",
        _ERROR,
        "A condition that a request's value must meet appeared.",
        "clients whose values don't meet it are refused",
        (f"request.*.{_SHAPES}.added",),
    ),
    Rule(
        "request-constraint-removed",
        _INFO,
        "A condition that a request's value must meet went.",
        "what clients send today stays valid",
        (f"request.*.{_SHAPES}.removed",),
    ),
    Rule(
        "response-constraint-removed",
        _ERROR,
        "A condition that a response's value meets went.",
        "readers that rely on it meet other values",
        (f"response.*.{_SHAPES}.removed",),
    ),
    Rule(
        "response-constraint-added",
        _INFO,
        "A condition that a response's value meets appeared.",
        "readers meet nothing new",
        (f"response.*.{_SHAPES}.added",),
    ),
    Rule(
        "dependent-required-changed",
        _ERROR,
        "What must stand beside a member changed.",
        "one side leaves out what the other needs",
        ("request|response.*.dependentRequired.changed",),
    ),
    Rule(
        "condition-changed",
        _WARNING,
        "A condition that decides what else applies, or what is excluded, changed.",
        "values may fall under other rules than before; which, the documents can't tell",
        ("request|response.*.if|not.changed",),
    ),
    Rule(
        "request-exclusion-added",
        _ERROR,
        "A request's value is excluded.",
        "clients that send what is excluded are refused",
        ("request.*.not.added",),
    ),
    Rule(
        "response-exclusion-removed",
        _ERROR,
        "A response's value is no longer excluded.",
        "readers may meet what was excluded",
        ("response.*.not.removed",),
    ),
    Rule(
        "request-items-bound",
        _ERROR,
        "The items of a request's list must satisfy a schema.",
        "clients whose items don't satisfy it are refused",
        ("request.*.items.added|narrowed",),
    ),
    Rule(
        "response-items-freed",
        _ERROR,
        "The items of a response's list may be anything.",
        "readers may meet items of any kind",
        ("response.*.items.removed|widened",),
    ),
    Rule(
        "request-closed",
        _ERROR,
        "A request's object may hold declared members only, or other members of certain types only.",
        "clients that send other members are refused",
        (
            "request.*.additionalProperties|unevaluatedItems|unevaluatedProperties.narrowed",
            "request.*.additionalProperties.added",
        ),
    ),
    Rule(
        "request-unevaluated-opened",
        _INFO,
        "A request's value may hold what was refused, in one shape.",
        "what clients send today stays valid",
        ("request.*.unevaluatedItems|unevaluatedProperties.widened",),
    ),
    Rule(
        "response-unevaluated-opened",
        _ERROR,
        "A response's value may hold what was refused.",
        "readers may meet what was ruled out",
        ("response.*.unevaluatedItems|unevaluatedProperties.widened",),
    ),
    Rule(
        "response-unevaluated-closed",
        _INFO,
        "A response's value no longer holds what it could, in one shape.",
        "readers meet nothing new",
        ("response.*.unevaluatedItems|unevaluatedProperties.narrowed",),
    ),
    Rule(
        "response-values-freed",
        _ERROR,
        "Members of a response that had one shape may be anything.",
        "readers that rely on the shape meet others",
        ("response.*.additionalProperties.removed",),
        when="bound",
    ),
    Rule(
        "request-all-of-added",
        _ERROR,
        "A request must satisfy one more schema.",
        "clients whose values don't satisfy it are refused",
        ("request.*.allOf.added",),
    ),
    Rule(
        "request-all-of-removed",
        _WARNING,
        "A request need not satisfy a schema any more.",
        "members that it declared may no longer be understood",
        ("request.*.allOf.removed",),
    ),
    Rule(
        "all-of-annotation",
        _INFO,
        "A schema that demands nothing was added to allOf or taken from it.",
        "what is valid stays so",
        ("request|response.*.allOf.added|removed",),
        when="annotation",
    ),
    Rule(
        "response-all-of-added",
        _INFO,
        "A response satisfies one schema more.",
        "readers find all that they know, and some more",
        ("response.*.allOf.added",),
    ),
    Rule(
        "response-all-of-removed",
        _ERROR,
        "A response need not satisfy a schema any more.",
        "readers that rely on what it demands miss that",
        ("response.*.allOf.removed",),
    ),
    Rule(
        "request-alternative-added",
        _INFO,
        "A request may take one more form.",
        "what clients send today stays valid",
        ("request.*.anyOf|oneOf.added",),
    ),
    Rule(
        "request-alternative-removed",
        _ERROR,
        "A request may take one form less.",
        "clients that send the form that went are refused",
        ("request.*.anyOf|oneOf.removed",),
    ),
    Rule(
        "response-alternative-added",
        _ERROR,
        "A response may take one more form.",
        "readers meet a form they don't know",
        ("response.*.oneOf.added",),
    ),
    Rule(
        "response-alternative-changed",
        _INFO,
        "A response may take one form less, or one more of several that overlap.",
        "readers find the forms they know",
        ("response.*.oneOf.removed", "response.*.anyOf.added|removed"),
    ),
    Rule(
        "request-overlap-refused",
        _WARNING,
        "A request that fits several alternatives is no longer taken.",
        "clients that send what fits several are refused; whether any does, the documents can't tell",
        ("request.*.oneOf.narrowed",),
    ),
    Rule(
        "response-overlap-possible",
        _WARNING,
        "A response may fit several alternatives.",
        "readers that look for the only one may find several",
        ("response.*.anyOf.widened",),
    ),
    Rule(
        "overlap-harmless",
        _INFO,
        "A request may fit several alternatives, or a response fits one alone.",
        "what is valid stays so",
        ("request.*.anyOf.widened", "response.*.oneOf.narrowed"),
    ),
    Rule(
        "wrapped-in-alternatives",
        _ERROR,
        "An object became a choice between objects.",
        "whoever builds or reads the one object must choose between several",
        ("request|response.*.oneOf.wrapped",),
    ),
    Rule(
        "request-tuple-changed",
        _ERROR,
        "A position of a request's list lost its own schema.",
        "clients that send what that position held are refused",
        ("request.*.prefixItems.removed",),
    ),
    Rule(
        "response-tuple-changed",
        _ERROR,
        "A position of a response's list got its own schema.",
        "readers meet something else at that position",
        ("response.*.prefixItems.added",),
    ),
    Rule(
        "tuple-extended",
        _INFO,
        "A position of a list is described more closely, or no longer.",
        "what is valid stays so",
        ("request.*.prefixItems.added", "response.*.prefixItems.removed"),
    ),
    Rule(
        "discriminator-changed",
        _INFO,
        "How alternatives are told apart is described in another way.",
        "what is valid stays so; generated code may change",
        (
            "request|response.body|property.discriminator.added|removed",
            "request|response.body|property.discriminator-propertyName.changed",
            "request|response.body|property.discriminator-mapping.added|changed|removed",
        ),
    ),
)
