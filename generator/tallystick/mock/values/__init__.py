"""Values that schemas take: made up, or put together from what is known."""
