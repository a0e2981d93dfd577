"""Every denoising network on the real server: what it answers, batched and chosen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.client.transport import Client
from scanserve.contracts.dat import DAT, DENOISE, SLICES
from scanserve.export.dat.builders import build_network
from scanserve.export.parity import run_torch

server = pytest.importorskip("scanserve.server")
pytestmark = [pytest.mark.live, pytest.mark.torch]

#: OpenVINO sums in another order than torch; the slices are 0..1.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "server.log"
    with server.Embedded(models=DAT.models, check_canaries=False, log_path=log) as running:
        yield running


@pytest.fixture
def client(live):
    with Client(live.grpc_url, shared_memory_key=live.shared_memory_key) as connected:
        yield connected


def patient(seed, slices=SLICES):
    return np.random.default_rng(seed).random((slices, 1, 64, 64), dtype=np.float32)


@pytest.mark.parametrize("spec", DAT.models, ids=lambda spec: spec.name)
def test_every_network_is_served_as_torch_computes_it(client, spec, root):
    inputs = {"slices": patient(1)}
    restored = client.infer(spec, inputs)["restored"]
    expected = run_torch(build_network(spec.name, root / "weights"), spec, inputs)["restored"]
    np.testing.assert_allclose(restored, expected, rtol=0, atol=TOLERANCE)


def test_slices_of_several_patients_come_back_to_their_own(client, root):
    spec = DAT.model(DENOISE)
    patients = [patient(seed, 1 + seed % SLICES) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda slices: client.infer(spec, {"slices": slices})["restored"], patients))
    network = build_network(DENOISE, root / "weights")
    for slices, restored in zip(patients, found, strict=True):
        expected = run_torch(network, spec, {"slices": slices})["restored"]
        np.testing.assert_allclose(restored, expected, rtol=0, atol=TOLERANCE)


def test_one_network_is_served_alone(tmp_path):
    from scanserve.server import processes

    chosen = (DAT.model(DENOISE),)
    with server.Embedded(models=chosen, log_path=tmp_path / "log") as running:
        assert len(processes.descendants(running.pid)) == 1
        with Client(running.grpc_url) as client:
            assert client.infer(chosen[0], {"slices": patient(3)})["restored"].shape == (SLICES, 1, 64, 64)
