from __future__ import annotations

import pytest

pytest.importorskip("torch")
from scanserve.training.dat.seeds import TEST, TRAIN, VALIDATION

pytestmark = pytest.mark.torch


def test_no_patient_is_in_two_parts_and_there_are_as_many_as_published() -> None:
    parts = [range(part.first_seed, part.first_seed + part.patients) for part in (TRAIN, VALIDATION, TEST)]
    assert [len(part) for part in parts] == [120, 37, 50]
    assert len(set().union(*parts)) == sum(map(len, parts))
