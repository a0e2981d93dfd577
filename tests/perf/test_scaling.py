"""Power laws: exact ones are found, their verdicts follow from the interval, and everything is written."""

import json

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.perf import scaling
from scanserve.perf.scaling import PowerLaw, ScalePoint, fit, run_scaling


def points(values, axis="slices", quantity="time"):
    return [ScalePoint(axis, quantity, "s", size, value) for size, value in values]


@pytest.mark.parametrize("exponent", [0, 0.5, 1, 2])
def test_an_exact_law_is_found_without_width(exponent):
    law = fit(points((size, 3 * size**exponent) for size in (1, 2, 4, 8, 8)))

    assert (law.factor, law.exponent) == (pytest.approx(3), pytest.approx(exponent))
    assert law.high - law.low == pytest.approx(0, abs=1e-6)
    assert law(16) == pytest.approx(3 * 16**exponent)


def test_the_interval_holds_the_true_exponent_nineteen_times_of_twenty():
    rng, sizes, inside = np.random.default_rng(1), (1, 2, 4, 8), 0
    for _ in range(400):
        law = fit(points((size, size * np.exp(rng.normal(0, 0.1))) for size in sizes))
        inside += law.low <= 1 <= law.high
    assert 0.92 < inside / 400 < 0.98


@pytest.mark.parametrize("values", [[(1, 1), (2, 2)], [(2, 1), (2, 2), (2, 3)]])
def test_too_few_points_are_no_law(values):
    with pytest.raises(ValueError, match="at least 3 points of several sizes"):
        fit(points(values))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.9, 1.0, "linear at most"), (0.9, 1.2, "not told from linear"), (1.1, 1.3, "WORSE than linear")],
)
def test_the_verdict_follows_from_the_interval(low, high, verdict):
    assert PowerLaw(1, (low + high) / 2, low, high).verdict == verdict


def test_everything_is_measured_and_written(monkeypatch, tmp_path):
    def slices(scratch):
        assert scratch.is_dir()
        yield from points([(1, 1), (2, 4), (4, 16)])
        yield from points([(1, 5), (2, 5), (4, 5)], quantity="memory")

    module = type("module", (), {"SCALINGS": {"slices": slices, "other": None}})
    monkeypatch.setattr(scaling, "parts", lambda _: {"heart": module})

    lines = list(run_scaling("heart", tmp_path / "out", only=["slices"]))

    assert lines == [
        "time by slices: exponent 2.00 (2.00 to 2.00), WORSE than linear",
        "memory by slices: exponent 0.00 (0.00 to 0.00), linear at most",
    ]
    rows = json.loads((tmp_path / "out" / "scaling.json").read_text())["rows"]
    assert [len(row["points"]) for row in rows] == [3, 3]
    assert "| slices | time | 1 s at 1 | 16 s at 4 |" in (tmp_path / "out" / "scaling.md").read_text()
    assert (tmp_path / "out" / "scaling.png").is_file()


@pytest.mark.parametrize(
    ("application", "only", "code"),
    [
        ("dat", None, "unknown-application"),
        ("lung", None, "unknown-application"),
        ("ccta", ["x"], "unknown-benchmark"),
    ],
)
def test_what_is_not_there_is_named(tmp_path, application, only, code):
    with pytest.raises(InputError) as error:
        list(run_scaling(application, tmp_path, only=only))
    assert error.value.code == code
