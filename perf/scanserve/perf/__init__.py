"""Measurements: load profiles with perf_analyzer, the benchmarks of `make bench`, and accuracy on phantoms."""

__all__: list[str] = []
