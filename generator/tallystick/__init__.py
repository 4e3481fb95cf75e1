"""Tallystick: one OpenAPI contract, split into a client half and a server half that must match."""

__version__ = "0.1.0"
