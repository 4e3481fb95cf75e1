"""References across files, cycles, and the bundled document. Nothing here knows Python code."""

from tallystick.resolve.bundle import Bundle, bundle, spelled_as_uris
from tallystick.resolve.sources import display_name

__all__ = ["Bundle", "bundle", "display_name", "spelled_as_uris"]
