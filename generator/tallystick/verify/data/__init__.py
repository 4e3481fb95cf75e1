"""Requests: taken from examples, made to mean something, and broken on purpose."""
