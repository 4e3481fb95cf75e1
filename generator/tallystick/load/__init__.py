"""Text to plain data whose nodes know their file, line and column. Nothing here knows OpenAPI."""

from tallystick.load.source import Json, Source, is_number, parse, read

__all__ = ["Json", "Source", "is_number", "parse", "read"]
