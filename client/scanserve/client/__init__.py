"""The thin client: transport, geometry, pipelines and the command line; it loads no inference framework."""

__all__ = ["ccta", "cli", "geometry", "transport"]
