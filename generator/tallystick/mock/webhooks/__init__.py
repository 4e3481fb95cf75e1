"""What the mock sends by itself: the contract's webhooks and callbacks, and how they get to their receivers."""
