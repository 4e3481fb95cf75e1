"""What a run keeps of what it has seen, without secrets."""
