"""Load and speed: perf_analyzer driven by profiles, and the side-by-side benchmarks of `make bench`."""

__all__: list[str] = []
