"""The page of a node: what waits, runs, is done or refused, and the report of each study."""
