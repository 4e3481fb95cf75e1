"""Takes what emission built in memory, and writes it or compares it with what is on disk."""

from tallystick.publish.file import write_file
from tallystick.publish.lock import LOCK, Vendored, document_path, drift, read_lock, write_lock
from tallystick.publish.tree import RECORD, Drift, Published, compare, digest, write

__all__ = [
    "LOCK",
    "RECORD",
    "Drift",
    "Published",
    "Vendored",
    "compare",
    "digest",
    "document_path",
    "drift",
    "read_lock",
    "write",
    "write_file",
    "write_lock",
]
