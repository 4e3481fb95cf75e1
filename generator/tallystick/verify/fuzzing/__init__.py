"""Schemathesis over the contract: what it is given, when it ends, and which of its failures count."""
