"""The mock's own surface: its operations and pages, scenarios and snapshots."""
