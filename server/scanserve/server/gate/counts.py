"""What became of the requests, in the text format of Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scanserve.server.gate.admission import Line

__all__ = ["Counts"]

#: Gauges of each line: name, attribute, meaning.
_GAUGES = (
    ("running", "running", "Items of requests that are running."),
    ("waiting", "waiting", "Items of requests that are waiting."),
    ("silent_seconds", "silent_s", "For how long requests have been running without an answer to any."),
    ("idle_seconds", "idle_s", "For how long no request has been running."),
)


class Counts:
    """Requests by model and outcome; a model that does not exist counts under no name."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str]] = Counter()

    def note(self, model: str, outcome: str) -> None:
        """Count a request for ``model`` that ended as ``outcome``."""
        self._requests[model, outcome] += 1

    def to_text(self, lines: Iterable[Line] = ()) -> str:
        """All counts, and of each line how many items run and wait, and for how long nothing came of it."""
        rows = [
            "# HELP scanserve_gate_requests_total Requests by model and outcome.",
            "# TYPE scanserve_gate_requests_total counter",
        ]
        for (model, outcome), number in sorted(self._requests.items()):
            rows.append(f'scanserve_gate_requests_total{{model="{model}",outcome="{outcome}"}} {number}')
        lines = list(lines)
        for name, attribute, meaning in _GAUGES:
            rows.append(f"# HELP scanserve_gate_{name} {meaning}")
            rows.append(f"# TYPE scanserve_gate_{name} gauge")
            rows += [
                f'scanserve_gate_{name}{{model="{line.model}"}} {round(getattr(line, attribute), 3)}'
                for line in lines
            ]
        return "\n".join(rows) + "\n"
