"""A contract, served: stateful where it declares lifecycles, and else any valid request gets a valid answer."""

from tallystick.mock.app import App, create_app
from tallystick.mock.clock import Clock
from tallystick.mock.store import MemoryStore, Store

__all__ = ["App", "Clock", "MemoryStore", "Store", "create_app"]
