from __future__ import annotations

from scanserve.server.gate.admission import Line
from scanserve.server.gate.counts import Counts


def test_counts_are_in_the_text_format_of_prometheus():
    counts = Counts()
    for outcome in ("ok", "ok", "resource_exhausted"):
        counts.note("model", outcome)
    now = [100.0]
    line = Line("model", 1, 1, lambda: now[0])
    line.running = 2
    now[0] += 7.5
    text = counts.to_text([line])
    assert 'scanserve_gate_requests_total{model="model",outcome="ok"} 2\n' in text
    assert 'scanserve_gate_requests_total{model="model",outcome="resource_exhausted"} 1\n' in text
    assert 'scanserve_gate_running{model="model"} 2\n' in text
    assert 'scanserve_gate_waiting{model="model"} 0\n' in text
    assert 'scanserve_gate_silent_seconds{model="model"} 7.5\n' in text
    assert 'scanserve_gate_idle_seconds{model="model"} 0.0\n' in text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {row.split("{")[0] for row in text.splitlines() if not row.startswith("#")} == names
