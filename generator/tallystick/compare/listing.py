"""The rules as a list for people, for tools, and as a page of the guide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from tallystick.compare.rule import Rule


def as_text(rules: Sequence[Rule]) -> str:
    """Return one line for each rule: severity, id, purpose."""
    width = max(len(r.id) for r in rules)
    return "".join(f"{r.severity.value:8} {r.id:{width}}  {r.purpose}\n" for r in rules)


def as_json(rules: Iterable[Rule]) -> str:
    """Return the rules as JSON."""
    listed = [
        {
            "id": r.id,
            "severity": r.severity.value,
            "purpose": r.purpose,
            "breaks": r.breaks,
            "kinds": list(r.kinds),
            "when": r.when,
        }
        for r in rules
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def as_table(rules: Iterable[Rule]) -> str:
    """Return the rules as a Markdown table."""
    rows = ["| rule | severity | what it is about | who breaks | kinds |", "|---|---|---|---|---|"]
    for rule in rules:
        kinds = "<br>".join(f"`{kind}`".replace("|", "\\|") for kind in rule.kinds)
        when = f"<br>when *{rule.when}*" if rule.when else ""
        rows.append(f"| `{rule.id}` | {rule.severity.value} | {rule.purpose} | {rule.breaks} | {kinds}{when} |")
    return "\n".join(rows) + "\n"
