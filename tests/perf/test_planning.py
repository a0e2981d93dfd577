import pytest

from scanserve.contracts import InputError
from scanserve.perf.planning import describe
from tests.support.sources import ROOT

CPU = ROOT / "perf" / "results" / "load" / "cpu"
LOADS = ["centerline-shared-memory=10", "quality=30"]


def lines(loads=LOADS, **changes):
    settings = {"per_hour": 600.0, "within_s": 60.0, "busiest": 0.8, **changes}
    return list(describe(CPU, loads, **settings))


def test_a_plan_says_what_was_measured_assumed_planned_and_simulated():
    text = lines()
    assert text[0].startswith("measured: cpu on ")
    assert "Poisson" in text[1]
    assert text[2].startswith("600 studies per hour need 3 instances")
    assert text[3].startswith("simulated (18000 studies)")
    assert sum(line.startswith("simulated against measured") for line in text) == 5


def test_a_few_studies_need_one():
    assert "need 1 instance:" in lines(per_hour=10.0)[2]


@pytest.mark.parametrize(
    "load", ["quality", "quality=", "quality=none", "quality=0", "quality=-1", "=3", "quality=inf"]
)
def test_a_load_is_a_name_and_a_number(load):
    with pytest.raises(InputError) as caught:
        lines([load])
    assert caught.value.code == "capacity-load"
