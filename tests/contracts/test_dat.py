"""The contracts of DaTSCAN denoising."""

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.contracts.dat import DAT, DENOISE, IMAGE_SIZE, MAX_BATCH, NETWORKS, SLICES


def test_one_model_per_network_with_the_default_among_them():
    assert [model.name for model in DAT.models] == list(NETWORKS)
    assert DENOISE in NETWORKS
    assert len(set(NETWORKS.values())) == len(NETWORKS) == 10


def test_models_differ_in_nothing_but_their_name_and_summary():
    first, *others = DAT.models
    for model in others:
        assert (model.inputs, model.outputs) == (first.inputs, first.outputs)
        assert model.max_batch_size == first.max_batch_size
        assert model.deployments == first.deployments


def test_a_patient_fits_one_batch():
    assert SLICES <= MAX_BATCH


def test_slices_of_another_size_are_refused():
    spec = DAT.model(DENOISE).input("slices")
    spec.validate(np.zeros((SLICES, 1, IMAGE_SIZE, IMAGE_SIZE), np.float32), batched=True)
    with pytest.raises(InputError, match=r"row=64.*\(1, 128, 128\)"):
        spec.validate(np.zeros((SLICES, 1, 128, 128), np.float32), batched=True)
