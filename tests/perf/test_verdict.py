"""Limits against measurements."""

import math

import pytest

from scanserve.perf.analyzer import Measurement
from scanserve.perf.profiles import Limits, Load, Range
from scanserve.perf.table import SweepPoint
from scanserve.perf.verdict import LoadVerdict, judge

LOAD = Load(
    name="small",
    model="ccta_quality",
    limits=Limits(p95_ms=100, inferences_per_s=5),
    concurrency=Range(start=1, end=4),
)


def row(load, rate, p95):
    return SweepPoint(load, rate, {50: p95, 90: p95, 95: p95, 99: p95}, {})


@pytest.mark.parametrize(
    ("light", "heavy", "passed"),
    [
        ((3, 90), (6, 500), True),
        ((3, 100), (5, 500), True),
        ((3, 101), (6, 500), False),
        ((3, 90), (4.9, 500), False),
        ((9, 90), (2, 500), True),
        ((3, math.nan), (6, 500), False),
    ],
)
def test_latency_at_the_lightest_and_throughput_at_the_best(light, heavy, passed):
    verdict = judge([Measurement(LOAD, (row(1, *light), row(4, *heavy)))])

    assert verdict.passed is passed


def test_one_broken_limit_breaks_the_verdict():
    good, bad = (Measurement(LOAD, (row(1, 9, p95),)) for p95 in (1, 1000))

    assert judge([good]).passed
    assert not judge([good, bad]).passed


def test_nothing_measured_is_not_a_pass():
    assert not LoadVerdict(()).passed


def test_a_check_reads_as_a_sentence():
    check = judge([Measurement(LOAD, (row(1, 2, 90),))]).checks[1]

    assert str(check) == "small: best throughput, inferences/s 2 >= 5: BROKEN"
