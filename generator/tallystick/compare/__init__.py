"""What changed between two contracts, and for whom it breaks."""

from tallystick.compare.change import Bump, Change, Comparison
from tallystick.compare.comparing import compare
from tallystick.compare.rule import Rule
from tallystick.compare.rules import RULES

__all__ = ["RULES", "Bump", "Change", "Comparison", "Rule", "compare"]
