"""Write the table of rules in docs/compare.md anew: python tests/compare/refresh_page.py."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "generator"))

from tallystick.compare import RULES, listing  # noqa: E402

BEGIN, END = "<!-- rules -->\n", "<!-- /rules -->\n"
page = ROOT / "docs" / "compare.md"
before, rest = page.read_text().split(BEGIN)
page.write_text(f"{before}{BEGIN}\n{listing.as_table(RULES.items)}\n{END}{rest.split(END)[1]}")
