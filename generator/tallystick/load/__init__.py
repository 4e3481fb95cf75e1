"""Text to plain data whose nodes know their file, line and column. Nothing here knows OpenAPI."""

from tallystick.load.source import Json, Source, parse, read

__all__ = ["Json", "Source", "parse", "read"]
