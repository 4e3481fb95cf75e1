"""What changed between two contracts, and for whom it breaks."""

from tallystick.compare.change import Bump, Change, Comparison
from tallystick.compare.comparing import compare
from tallystick.compare.report import FORMATS, Format, report
from tallystick.compare.revision import Read, read_side
from tallystick.compare.rule import Rule
from tallystick.compare.rules import RULES

__all__ = [
    "FORMATS",
    "RULES",
    "Bump",
    "Change",
    "Comparison",
    "Format",
    "Read",
    "Rule",
    "compare",
    "read_side",
    "report",
]
