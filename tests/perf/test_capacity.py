import json
import math

import pytest

from scanserve.contracts import InputError
from scanserve.perf.capacity import Plan, Service, erlang_c, plan, read_service
from tests.support.sources import ROOT

CPU = ROOT / "perf" / "results" / "load" / "cpu"


@pytest.mark.parametrize(
    ("servers", "offered", "expected"),
    [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (1, 0.0, 0.0), (3, 3.0, 1.0), (10, 8.0, 0.40918)],
)
def test_erlang_c(servers, offered, expected):
    assert erlang_c(servers, offered) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("variation", [0.0, 0.5, 1.0])
def test_one_instance_waits_as_pollaczek_and_khinchine_say(variation):
    found = Plan(180.0, Service(10.0, variation), 1)
    expected = 0.5 * 10.0 * (1 + variation**2) / (2 * (1 - 0.5))
    assert found.utilisation == pytest.approx(0.5)
    assert found.mean_wait_s == pytest.approx(expected)


def test_mm1_has_the_known_wait_percentile():
    found = Plan(180.0, Service(10.0, 1.0), 1)
    assert found._wait_percentile(0.05) == pytest.approx(math.log(0.5 / 0.05) / (0.1 - 0.05))


def test_a_plan_has_the_fewest_instances_that_are_enough():
    found = plan(1000.0, Service(10.0, 0.3), within_s=30.0, busiest=0.8)
    assert found.utilisation <= 0.8
    assert found.p95_s <= 30.0
    fewer = Plan(1000.0, Service(10.0, 0.3), found.instances - 1)
    assert fewer.utilisation > 0.8 or fewer.p95_s > 30.0


def test_more_studies_never_need_fewer_instances():
    counts = [
        plan(rate, Service(12.0, 0.1), within_s=60.0, busiest=0.8).instances for rate in range(10, 2000, 90)
    ]
    assert counts == sorted(counts)
    assert counts[0] == 1


def test_twice_the_speed_takes_at_most_the_instances():
    slow, fast = (plan(600.0, Service(seconds, 0.1), within_s=60.0, busiest=0.8) for seconds in (12.0, 6.0))
    assert slow.instances / 2 - 1 <= fast.instances <= slow.instances / 2 + 1


@pytest.mark.parametrize(
    ("rate", "within_s", "busiest"),
    [(0.0, 60.0, 0.8), (10.0, 5.0, 0.8), (10.0, 60.0, 1.0), (10.0, 60.0, 0.0)],
)
def test_what_cannot_be_is_refused(rate, within_s, busiest):
    with pytest.raises(InputError) as caught:
        plan(rate, Service(10.0, 0.1), within_s=within_s, busiest=busiest)
    assert caught.value.code == "capacity-impossible"


@pytest.mark.parametrize(("seconds", "variation"), [(0.0, 0.1), (1.0, -0.1), (float("nan"), 0.1)])
def test_a_service_takes_time(seconds, variation):
    with pytest.raises(InputError):
        Service(seconds, variation)


def test_a_study_adds_up_from_measured_loads(tmp_path):
    def point(load, rate):
        return {"load": load, "inferences_per_s": rate, "latency_ms": {"50": 100.0, "95": 116.45}}

    content = {
        "profile": {"name": "cpu"},
        "machine": {"processor": "one"},
        "loads": {"a": [point(1, 2.0), point(2, 3.0)], "b": [point(1, 10.0)]},
    }
    (tmp_path / "result.json").write_text(json.dumps(content))
    service = read_service(tmp_path, {"a": 4, "b": 30})
    assert service.seconds == pytest.approx(4 / 2 + 30 / 10)
    spread = math.hypot(math.sqrt(4) * 0.1 / 2, math.sqrt(30) * 0.1 / 10)
    assert service.variation == pytest.approx(spread / service.seconds)
    assert service.source == "cpu on one"


def test_the_committed_result_is_read():
    service = read_service(CPU, {"centerline-shared-memory": 10, "quality": 30})
    assert 1.0 < service.seconds < 60.0
    assert 0.0 < service.variation < 0.5


@pytest.mark.parametrize("loads", [{"nothing": 1}, {"quality": 1}])
def test_a_result_without_the_load_is_refused(tmp_path, loads):
    folder = tmp_path if "quality" in loads else CPU
    with pytest.raises(InputError) as caught:
        read_service(folder, loads)
    assert caught.value.code == "perf-result-unreadable"
