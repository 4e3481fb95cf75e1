"""Takes what emission built in memory, and writes it or compares it with what is on disk."""

from tallystick.publish.file import write_file
from tallystick.publish.tree import RECORD, Drift, Published, compare, digest, write

__all__ = ["RECORD", "Drift", "Published", "compare", "digest", "write", "write_file"]
