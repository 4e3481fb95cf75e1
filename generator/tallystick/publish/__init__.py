"""Takes what emission built in memory, and writes it or compares it with what is on disk."""

from tallystick.publish.file import write_file
from tallystick.publish.lock import LOCK, Vendored, document_path, drift, read_lock, write_lock
from tallystick.publish.tree import (
    INPUTS,
    RECORD,
    Drift,
    Published,
    compare,
    digest,
    digests,
    is_current,
    read_record,
    write,
)

__all__ = [
    "INPUTS",
    "LOCK",
    "RECORD",
    "Drift",
    "Published",
    "Vendored",
    "compare",
    "digest",
    "digests",
    "document_path",
    "drift",
    "is_current",
    "read_lock",
    "read_record",
    "write",
    "write_file",
    "write_lock",
]
