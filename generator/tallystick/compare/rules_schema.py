"""The rules on what travels: parameters, bodies, headers and the schemas of them all.

A request that may hold less, and a response that may hold more, break. What is not listed affects nobody.
"""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_MOST = "maximum|exclusiveMaximum|maxLength|maxItems|maxProperties|maxContains"
_LEAST = "minimum|exclusiveMinimum|minLength|minItems|minProperties|minContains"
_SHAPES = (
    "contains|contentSchema|dependentRequired|dependentSchemas|else|if|patternProperties|propertyNames|then"
    "|unevaluatedItems|unevaluatedProperties"
)

LIMITS = (
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
        "clients that go beyond the new limit are refused; the documents can't tell whether any does",
        (f"request.*.{_MOST}|{_LEAST}|multipleOf.introduced",),
    ),
    Rule(
        "request-limit-relaxed",
        _INFO,
        "A limit on what a request may hold became wider.",
        "what clients send today stays valid",
        (
            "request.body|property.maximum|exclusiveMaximum|maxLength|maxContains.raised",
            "request.body|property.minimum|exclusiveMinimum|minLength|minContains.lowered",
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
            "request.read-only-property.maximum|exclusiveMaximum|maxLength.lowered",
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
        "response-contains-limit-tightened",
        _INFO,
        "The number of matching items in a response became more predictable.",
        "readers meet nothing new",
        ("response.*.maxContains.lowered", "response.*.minContains.raised"),
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
        ("request.*.uniqueItems.on",),
    ),
    Rule(
        "response-items-may-repeat",
        _ERROR,
        "Items of a response's list may repeat.",
        "readers that rely on different items meet repeated ones",
        ("response.*.uniqueItems.off",),
    ),
)

VALUES = (
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

TYPES = (
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

SHAPES = (
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
        "request-closed",
        _ERROR,
        "A request's object may hold declared members only, or other members of certain types only.",
        "clients that send other members are refused",
        ("request.*.additionalProperties.off|narrowed",),
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
        "response-all-of-changed",
        _INFO,
        "A response satisfies one schema more or less.",
        "readers find members declared elsewhere, or some more",
        ("response.*.allOf.added|removed",),
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
