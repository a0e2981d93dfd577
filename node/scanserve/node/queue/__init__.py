"""The durable queue: one SQLite file, in which a kill at any moment loses nothing and doubles nothing."""
