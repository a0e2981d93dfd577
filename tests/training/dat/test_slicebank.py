from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.training.dat.seeds import TRAIN, Split
from scanserve.training.dat.slicebank import Slices
from scanserve.training.recipe import Sources

pytestmark = pytest.mark.torch


def test_slices_of_all_patients_follow_each_other(tmp_path: Path, toy_patients: None) -> None:
    from scanserve.phantoms import dat as brain

    slices = Slices(Sources(tmp_path, tmp_path), Split(10, 3))
    slices.prepare()
    assert slices.noisy.shape == slices.reference.shape == (15, 64, 64)
    np.testing.assert_array_equal(slices.noisy[5:10], brain.make_slices(11)["noisy"])
    np.testing.assert_array_equal(slices.reference[5:10], brain.make_slices(11)["reference"])


def test_fewer_patients_than_published_may_be_asked_for(tmp_path: Path, toy_patients: None) -> None:
    slices = Slices(Sources(tmp_path, tmp_path), TRAIN, 2)
    slices.prepare()
    assert len(slices.noisy) == 10


def test_annotated_studies_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--data must be omitted") as error:
        Slices(Sources(tmp_path, tmp_path, tmp_path), TRAIN)
    assert error.value.code == "phantoms-only"


def test_the_phantom_gives_what_is_learned_from(tmp_path: Path) -> None:
    from scanserve.phantoms import dat as brain

    arrays = brain.make_slices(TRAIN.first_seed)
    assert {name: array.shape for name, array in arrays.items()} == dict.fromkeys(
        ("noisy", "reference", "expected"), (5, 64, 64)
    )
    assert arrays["noisy"].min() >= 0
    assert arrays["noisy"].max() <= 1
