"""Every denoising network on the real server, with random weights: exported, configured, batched and chosen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.client.transport import Client  # noqa: E402
from scanserve.contracts.dat import DAT, DENOISE, SLICES  # noqa: E402
from scanserve.export.configs import config_files  # noqa: E402
from scanserve.export.dat.builders import samples  # noqa: E402
from scanserve.export.onnx_export import write_model  # noqa: E402
from scanserve.export.parity import run_torch  # noqa: E402
from scanserve.networks.dat import CONFIGS, ServedDenoise, build  # noqa: E402

server = pytest.importorskip("scanserve.server")
pytestmark = [pytest.mark.live, pytest.mark.torch]

#: OpenVINO sums in another order than torch; the slices are 0..1.
TOLERANCE = 1e-4


def untrained(name):
    torch.manual_seed(0)
    return ServedDenoise(build(name, CONFIGS[name])).eval()


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for spec in DAT.models:
        write_model(untrained(spec.name), spec, samples(spec), folder)
        for path, text in config_files(spec).items():
            target = folder / spec.name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    return folder


@pytest.fixture(scope="module")
def live(repository):
    log = repository.parent / "server.log"
    with server.Embedded(repository, models=DAT.models, require_canaries=False, log_path=log) as running:
        yield running


@pytest.fixture
def client(live):
    with Client(live.grpc_url, shared_memory_key=live.shared_memory_key) as connected:
        yield connected


def patient(seed, slices=SLICES):
    return np.random.default_rng(seed).random((slices, 1, 64, 64), dtype=np.float32)


@pytest.mark.parametrize("spec", DAT.models, ids=lambda spec: spec.name)
def test_every_network_is_served_as_torch_computes_it(client, spec):
    inputs = {"slices": patient(1)}
    restored = client.infer(spec, inputs)["restored"]
    expected = run_torch(untrained(spec.name), spec, inputs)["restored"]
    np.testing.assert_allclose(restored, expected, rtol=0, atol=TOLERANCE)


def test_slices_of_several_patients_come_back_to_their_own(client):
    spec = DAT.model(DENOISE)
    patients = [patient(seed, 1 + seed % SLICES) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda slices: client.infer(spec, {"slices": slices})["restored"], patients))
    for slices, restored in zip(patients, found, strict=True):
        expected = run_torch(untrained(DENOISE), spec, {"slices": slices})["restored"]
        np.testing.assert_allclose(restored, expected, rtol=0, atol=TOLERANCE)


def test_one_network_is_served_alone(repository, tmp_path):
    from scanserve.server import processes

    chosen = (DAT.model(DENOISE),)
    with server.Embedded(
        repository, models=chosen, require_canaries=False, log_path=tmp_path / "log"
    ) as running:
        assert len(processes.descendants(running.pid)) == 1
        with Client(running.grpc_url) as client:
            assert client.infer(chosen[0], {"slices": patient(3)})["restored"].shape == (SLICES, 1, 64, 64)
