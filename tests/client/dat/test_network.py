import numpy as np
import pytest

from scanserve.client.dat.network import Network
from scanserve.contracts.dat import DAT, MAX_BATCH


def test_slices_go_out_in_batches_and_come_back_in_order():
    sent = []

    def infer(spec, inputs):
        sent.append(inputs["slices"].shape)
        return {"restored": inputs["slices"] / 2}

    slices = np.random.default_rng(0).random((MAX_BATCH + 3, 64, 64)).astype(np.float32)
    made = Network(DAT.model("dat_unet3"), infer)(slices)
    assert sent == [(MAX_BATCH, 1, 64, 64), (3, 1, 64, 64)]
    assert made == pytest.approx(slices / 2)


def test_negative_output_is_nothing():
    network = Network(DAT.model("dat_denoise"), lambda spec, inputs: {"restored": inputs["slices"] - 0.5})
    assert network(np.zeros((2, 64, 64), np.float32)).max() == 0


def test_it_says_what_it_is():
    network = Network(DAT.model("dat_denoise"), lambda spec, inputs: {})
    assert (network.name, network.title) == ("dat_denoise", "U-Net, 4 levels")
    assert [spec.name for spec in network.models] == ["dat_denoise"]
