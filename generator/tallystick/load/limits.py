"""How much of an untrusted document we are willing to take in."""

MAX_BYTES = 64 * 2**20
"""Size of one file, in bytes. Ten times the largest public API description we know."""

MAX_DEPTH = 200
"""Nesting of mappings and sequences. Real documents stay below 60."""

MAX_NODES = 8_000_000
"""Nodes after YAML aliases are expanded. A 'billion laughs' document exceeds it at once."""
