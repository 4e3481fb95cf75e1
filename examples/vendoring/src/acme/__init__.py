"""Somebody's shop."""
