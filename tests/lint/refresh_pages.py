"""Write docs/rules.md and docs/lifecycles.md anew: python tests/lint/refresh_pages.py."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "generator"))

from tallystick.contract import read  # noqa: E402
from tallystick.lint.diagrams import page  # noqa: E402
from tallystick.lint.listing import as_page  # noqa: E402
from tallystick.lint.rules import RULES  # noqa: E402
from tallystick.settings import contract_names, find  # noqa: E402

targets = [find(name) for name in contract_names()]
(ROOT / "docs" / "rules.md").write_text(as_page(RULES))
(ROOT / "docs" / "lifecycles.md").write_text(page([read(t.document, name=t.name, root=t.root) for t in targets]))
