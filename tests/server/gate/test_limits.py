from __future__ import annotations

import pytest

from scanserve.contracts import InputError
from scanserve.contracts.ccta import CCTA, CENTERLINE, CROP, NORMALIZE, QUALITY
from scanserve.server.gate.limits import Limits, instance_items


@pytest.mark.parametrize(
    ("spec", "configuration", "devices", "items"),
    [
        (NORMALIZE, "cpu", 1, 1),
        (CENTERLINE, "cpu", 1, 1),
        (CENTERLINE, "t4", 1, 1),
        (CENTERLINE, "a100", 4, 4),  # its graphs have one instance per GPU
        (QUALITY, "cpu", 1, 16),
        (QUALITY, "a100", 4, 128),
    ],
)
def test_every_instance_is_kept_busy(spec, configuration, devices, items):
    assert instance_items(spec, configuration, devices, CCTA.models) == items


def test_a_model_without_a_deployment_counts_as_one():
    assert instance_items(CENTERLINE, "cpu", 1, ()) == 1


def test_bytes_are_those_of_the_contract_or_fewer():
    assert Limits().bytes_of(CENTERLINE) == CENTERLINE.input("volume").most_bytes + 24
    assert Limits(request_bytes=1000).bytes_of(CENTERLINE) == 1000
    assert Limits(request_bytes=1 << 60).bytes_of(CROP) == Limits().bytes_of(CROP)
    assert Limits().bytes_of(QUALITY) == 16 * (320 * 32 * 32 * 2 + 4)


@pytest.mark.parametrize("wrong", [{"running": 0}, {"waiting": -1}, {"request_bytes": 0}])
def test_limits_have_ranges(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))) as caught:
        Limits(**wrong)
    assert caught.value.code == "gate-limits"
