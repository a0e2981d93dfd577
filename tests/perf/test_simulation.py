import json

import pytest

from scanserve.perf.capacity import Plan, Service
from scanserve.perf.simulation import Closed, fit_closed, simulate_closed, simulate_open
from tests.support.sources import ROOT

LOADS = json.loads((ROOT / "perf/results/load/cpu/result.json").read_text())["loads"]


def test_without_variation_and_waiting_every_study_takes_its_service():
    run = simulate_open(Plan(1.0, Service(10.0, 0.0), 5), studies=200)
    assert (run.mean_wait_s, run.p50_s, run.p95_s) == pytest.approx((0.0, 10.0, 10.0))
    assert run.count == 180


@pytest.mark.parametrize(("variation", "instances", "rate"), [(0.1, 1, 250), (0.5, 2, 500), (1.0, 4, 1200)])
def test_the_formulas_of_a_plan_are_near_the_events(variation, instances, rate):
    plan = Plan(rate, Service(10.0, variation), instances)
    run = simulate_open(plan)
    assert plan.mean_wait_s == pytest.approx(run.mean_wait_s, rel=0.2)
    assert plan.p95_s == pytest.approx(run.p95_s, rel=0.12)
    assert run.per_s == pytest.approx(rate / 3600, rel=0.03)


def test_equal_seeds_give_equal_runs():
    plan = Plan(250, Service(10.0, 0.3), 1)
    assert simulate_open(plan, studies=500) == simulate_open(plan, studies=500)
    assert simulate_open(plan, studies=500) != simulate_open(plan, studies=500, seed=14)


@pytest.mark.parametrize(("clients", "per_s"), [(1, 1 / 1.5), (2, 1.0), (5, 1.0)])
def test_clients_overlap_outside_the_instance_only(clients, per_s):
    run = simulate_closed(Closed(0.5, 1.0, 0.0), clients, requests=1000)
    assert run.per_s == pytest.approx(per_s, rel=0.01)
    assert run.p50_s == pytest.approx(clients / per_s, rel=0.01)


@pytest.mark.parametrize("name", LOADS)
def test_the_measured_runs_are_predicted(name):
    """Throughput within 5 %, and the median time within a fifth, at every measured number of clients."""
    closed = fit_closed(LOADS[name])
    for point in LOADS[name]:
        run = simulate_closed(closed, int(point["load"]), requests=2000)
        assert run.per_s == pytest.approx(point["inferences_per_s"], rel=0.05)
        assert 1e3 * run.p50_s == pytest.approx(point["latency_ms"]["50"], rel=0.2)
        assert 1e3 * run.p95_s == pytest.approx(point["latency_ms"]["95"], rel=0.25)
