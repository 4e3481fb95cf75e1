"""HTTP itself: the server and its processes, connections, and applications as ASGI calls them."""
