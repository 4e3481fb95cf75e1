"""Everything `check` looks at, in one pass over a contract, as one sorted set of findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tallystick.contract import Contract
from tallystick.diagnostics import Finding, Findings, Severity
from tallystick.lint import suppression
from tallystick.lint.rule import Rule, RuleSet
from tallystick.lint.rules import RULES
from tallystick.lint.structure import structure
from tallystick.lint.subject import Subject

_CONSEQUENCES = ("operation-refused", "header-unclear", "security-unclear")
_MALFORMED = "schema-keyword"  # a keyword that reading passes over, and that no specification allows


def check(contract: Contract, *, chosen: RuleSet, only: Iterable[str] = ()) -> Findings:
    """Return all findings about a contract: reading, the specification, examples, vocabulary, house rules.

    `only` limits the house rules to some ids.
    """
    subject = Subject(contract)
    known = [replace(f, severity=Severity.ERROR) if f.id == _MALFORMED else f for f in contract.findings]
    places = {_spot(f) for f in known}
    found = [*known, *(f for f in structure(contract) if _spot(f) not in places)]
    wanted = frozenset(only)
    rules = [r for r in RULES if (r.id in wanted if wanted else r.belongs_to(chosen))]
    return Findings.of([*_causes(found), *_by_rules(subject, rules, chosen)])


def _causes(findings: list[Finding]) -> list[Finding]:
    """Return the findings without those that only say what another one, at the same place, led to."""
    places = {_spot(f) for f in findings if f.id not in _CONSEQUENCES}
    return [f for f in findings if f.id not in _CONSEQUENCES or _spot(f) not in places]


def _spot(finding: Finding) -> tuple[str, int, int]:
    return (finding.place.file, finding.place.line, finding.place.column)


def _by_rules(subject: Subject, rules: list[Rule], chosen: RuleSet) -> Iterator[Finding]:
    suppressions = suppression.suppressions(subject)
    used: set[suppression.Suppression] = set()
    for rule in rules:
        severity = rule.severity_in(chosen)
        for issue in rule.find(subject):
            covering = suppression.covering(suppressions, rule, issue)
            used.update(covering)
            if not covering:
                place = subject.contract.place(issue.pointer)
                yield Finding(rule.id, issue.message, place, severity, issue.expected, issue.hint)
    yield from suppression.misuse(subject, {r.id for r in RULES})
    yield from suppression.unused(subject, rules, used)
