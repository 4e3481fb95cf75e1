"""Rules on members, parameters and headers: which there are, whether they are required, how they are written."""

from __future__ import annotations

from tallystick.compare.rule import Rule
from tallystick.diagnostics import Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES = (
    Rule(
        "request-member-required",
        _ERROR,
        "Something that requests could leave out is required.",
        "clients that leave it out are refused",
        ("request.*.required.on",),
    ),
    Rule(
        "request-member-optional",
        _INFO,
        "Something that requests had to hold may be left out.",
        "what clients send today stays valid",
        ("request.body|property|parameter.required.off",),
    ),
    Rule(
        "response-member-optional",
        _ERROR,
        "Something that responses always held may be missing.",
        "readers that rely on it fail without it",
        ("response.*.required.off",),
    ),
    Rule(
        "response-member-required",
        _INFO,
        "Something that responses could leave out is always there.",
        "readers meet nothing new",
        ("response.property.required.on",),
    ),
    Rule(
        "response-write-only-requiredness",
        _INFO,
        "A write-only property became required or optional.",
        "responses don't carry it",
        ("response.write-only-property.required.on|off",),
    ),
    Rule(
        "request-required-member-added",
        _ERROR,
        "Requests must hold something new.",
        "clients that don't know it are refused",
        (
            "request.required-property|required-header-property|required-parameter-property.presence.added",
            "request.required-parameter|path-parameter.presence.added",
        ),
    ),
    Rule(
        "request-optional-member-added",
        _INFO,
        "Requests may hold something new.",
        "what clients send today stays valid",
        ("request.optional-property|optional-parameter.presence.added",),
    ),
    Rule(
        "request-member-removed",
        _WARNING,
        "Something that requests may hold is no longer described.",
        "clients that send it may be refused, or be ignored",
        ("request.property|parameter|parameter-property.presence.removed",),
    ),
    Rule(
        "request-announced-removal",
        _INFO,
        "A parameter that was deprecated went.",
        "its end was announced",
        ("request.parameter.presence.removed",),
        when="deprecated",
    ),
    Rule(
        "request-early-removal",
        _ERROR,
        "A parameter went before its sunset.",
        "clients that rely on the announced date break",
        ("request.parameter.presence.removed",),
        when="before-sunset",
    ),
    Rule(
        "response-required-member-removed",
        _ERROR,
        "Something that responses always held went.",
        "readers that rely on it fail without it",
        ("response.required-property|required-header.presence.removed",),
    ),
    Rule(
        "response-optional-member-removed",
        _WARNING,
        "Something that responses could hold went.",
        "readers that use it when it is there don't get it any more",
        ("response.optional-property|optional-header.presence.removed",),
    ),
    Rule(
        "response-member-added",
        _INFO,
        "Responses hold something new.",
        "tolerant readers pass over what they don't know",
        ("response.required-property|optional-property|header.presence.added",),
    ),
    Rule(
        "response-write-only-member",
        _INFO,
        "A write-only property came or went.",
        "responses don't carry it",
        ("response.required-write-only-property|optional-write-only-property.presence.added|removed",),
    ),
    Rule(
        "response-write-only-lifted",
        _WARNING,
        "A required property is no longer write-only: responses hold it now.",
        "readers meet a member they were told not to expect",
        ("response.required-property.writeOnly.off",),
    ),
    Rule(
        "mutability-changed",
        _INFO,
        "A property became read-only or write-only, or is so no longer.",
        "what is valid stays so",
        (
            "request.required-property|optional-property.readOnly|writeOnly.on|off",
            "response.required-property|optional-property.readOnly.on|off",
            "response.required-property|optional-property.writeOnly.on",
            "response.optional-property.writeOnly.off",
        ),
    ),
    Rule(
        "member-deprecated",
        _INFO,
        "A property or parameter was deprecated, or is so no longer.",
        "nothing breaks yet",
        ("request.property|parameter.deprecated.on|off", "response.property|header.deprecated.on|off"),
    ),
    Rule(
        "member-sunset-broken",
        _ERROR,
        "The date on which a parameter or property ends went, is unreadable, is already past, or came nearer.",
        "whoever plans by it can't",
        ("request|response.parameter|property.sunset.removed|invalid|too-soon",),
    ),
    Rule(
        "parameter-writing-changed",
        _ERROR,
        "A parameter is written in another way.",
        "what clients write the old way is misread",
        ("request.parameter.style|explode|content.changed", "request.parameter.allowReserved.off"),
    ),
    Rule(
        "header-writing-changed",
        _ERROR,
        "A response header is written in another way.",
        "readers that split it the old way misread it",
        ("response.header.explode.changed",),
    ),
    Rule(
        "encoding-changed",
        _WARNING,
        "A part of a form is written in another way.",
        "what is written the old way may be misread",
        ("request|response.property.encoding.changed",),
    ),
)
