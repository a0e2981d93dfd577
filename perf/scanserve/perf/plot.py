"""Plot of latency against throughput, with a curve per load and the limits as dots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scanserve.perf.analyzer import Measurement

__all__ = ["plot_latency"]


def plot_latency(measurements: Sequence[Measurement], title: str, path: Path) -> Path:
    """Draw p50 and p95 latency (ms) over throughput (inferences/s) into the PNG ``path``."""
    figure = Figure(figsize=(4.5 * len(measurements), 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(measurements), squeeze=False)[0]
    for measurement, axis in zip(measurements, axes, strict=True):
        _curve(axis, measurement)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)
    return path


def _curve(axis: Axes, measurement: Measurement) -> None:
    points, limit = measurement.points, measurement.load.limits.p95_ms
    throughput = [point.inferences_per_s for point in points]
    for percent, style in ((50, "o--"), (95, "o-")):
        axis.plot(throughput, [point.latency_ms[percent] for point in points], style, label=f"p{percent}")
    for point in points:
        axis.annotate(f"{point.load:g}", (point.inferences_per_s, point.latency_ms[95]), fontsize=8)
    axis.axhline(limit, color="red", linewidth=0.8, label="limit of p95")
    axis.set(
        title=measurement.load.name, xlabel="inferences per second", ylabel="latency, ms", ylim=(0, None)
    )
    axis.legend(fontsize=8)
