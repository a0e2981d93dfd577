import json
import sys

import pytest

from scanserve.contracts import ResultError
from scanserve.perf.waterfall import by_stage, critical_path, draw, spans_of, watch


def span(stage, start, end, part=""):
    return {"stage": stage, "part": part, "start_s": start, "duration_s": end - start}


SPANS = [
    span("start", 0.0, 3.0),
    span("scan", 0.0, 1.0),
    span("read", 1.0, 2.0, "0 %"),
    span("serve", 3.0, 4.0, "0 %"),
    span("serve", 4.0, 5.0, "10 %"),
    span("find", 4.0, 4.5, "0 %"),
    span("draw", 6.0, 7.0),
]


def test_the_critical_path_goes_back_from_the_end():
    path = critical_path(SPANS)
    assert [(step.stage, step.part) for step in path] == [
        ("start", ""),
        ("serve", "0 %"),
        ("serve", "10 %"),
        ("waiting", ""),
        ("draw", ""),
    ]
    assert sum(by_stage(path).values()) == pytest.approx(7.0)
    assert next(iter(by_stage(path).items())) == ("start", 3.0)


def test_nothing_has_no_path():
    assert critical_path([]) == ()


def test_a_run_is_watched_and_drawn(tmp_path):
    code = "import time; end = time.time() + 1.2\nwhile time.time() < end: pass"
    busy, seconds = watch([sys.executable, "-c", code])
    assert 1.0 < seconds < 30
    assert 0.05 < sum(item.client for item in busy) / len(busy) < 1.3
    assert all(item.server == 0 for item in busy)
    assert draw(SPANS, busy, tmp_path / "out.png").stat().st_size > 1000


def test_a_run_that_fails_is_an_error():
    with pytest.raises(ResultError, match="status 3: no"):
        watch([sys.executable, "-c", "import sys; sys.stderr.write('no'); sys.exit(3)"])


def test_spans_come_from_the_result(tmp_path):
    (tmp_path / "result.json").write_text(json.dumps({"timing": {"spans": SPANS}}))
    assert spans_of(tmp_path) == SPANS
