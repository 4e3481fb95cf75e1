"""What changed between two contracts, and for whom it breaks."""

from tallystick.compare.change import Change, Comparison
from tallystick.compare.comparing import compare
from tallystick.compare.report import FORMATS, Format, report
from tallystick.compare.revision import Read, read_side
from tallystick.compare.rule import Rule
from tallystick.compare.rules import RULES
from tallystick.compare.version import Bump, Versions

__all__ = [
    "FORMATS",
    "RULES",
    "Bump",
    "Change",
    "Comparison",
    "Format",
    "Read",
    "Rule",
    "Versions",
    "compare",
    "read_side",
    "report",
]
