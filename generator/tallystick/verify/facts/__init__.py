"""What a contract says that only a tester asks: what belongs together, what is kept, what a value reaches."""
