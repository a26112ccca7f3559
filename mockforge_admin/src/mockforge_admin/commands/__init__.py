"""``mockforge logs`` and ``mockforge memory``: what talks to a running server from a terminal."""
