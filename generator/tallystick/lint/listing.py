"""The house rules as text and as a page of the docs, straight from their records."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.lint.rule import Rule, RuleSet

_SAYS = {"recommended": "for anybody's document", "strict": "what a curated contract is held to as well"}


def as_text(rules: Iterable[Rule], chosen: RuleSet | None = None) -> str:
    """Return the rules of a set, or all, one a line: id, set, severity in `recommended`, purpose."""
    shown = [r for r in rules if chosen is None or r.belongs_to(chosen)]
    width = max(len(r.id) for r in shown)
    return "".join(f"{r.id:<{width}}  {r.least:<11}  {_severity(r):<7}  {r.purpose}\n" for r in shown)


def as_page(rules: Iterable[Rule]) -> str:
    """Return the rules as a Markdown page."""
    everything = list(rules)
    parts = [_HEAD]
    for least, says in _SAYS.items():
        rows = [
            f"| `{r.id}` | {r.subject} | {_severity(r)} | {r.purpose} |\n" for r in everything if r.least == least
        ]
        head = "| rule | looks at | severity | what it asks |\n|---|---|---|---|\n"
        parts.append(f"## {least}: {says}\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


def _severity(rule: Rule) -> str:
    return str(rule.severity_in("recommended"))


_HEAD = """# House rules

`tallystick check` applies these after the OpenAPI specification itself. The set `recommended` is the default for
documents given by path; the set `strict` has all rules and is the default for the contracts that ship with
Tallystick. With `--rules strict` every finding is an error, with `--rules recommended` each has the severity given
here. `--only RULE` applies single rules. `tallystick check --list-rules` prints the same as this page.

## Setting a rule aside

A rule that does not fit a place is set aside there, with the reason, for the object that says so and all below it:

```yaml
x-tallystick-ignore:
  string-bounded: No source gives a length, and the field is echoed as it is.
```

A line without a reason, for a rule that does not exist, or that sets nothing aside is a finding itself.
"""
