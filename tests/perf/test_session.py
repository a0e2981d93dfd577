"""A whole run with the real perf_analyzer against the real embedded server, and the endpoint's address."""

import json
import shutil
from pathlib import Path

import pytest

from scanserve.contracts import InputError, SetupError
from scanserve.contracts.sharedmemory import SHM_KEY_HTTP_HEADER, SHM_KEY_VARIABLE
from scanserve.perf import session
from scanserve.perf.analyzer import Endpoint
from scanserve.perf.binary import find_program
from scanserve.perf.profiles import Limits, Load, Profile, Range

REPOSITORY = Path(__file__).parents[2] / "model_repository"
MODEL = "ccta_normalize"


def test_an_address_gives_both_endpoints(monkeypatch):
    monkeypatch.setenv(SHM_KEY_VARIABLE, "secret")

    assert session.server_at("host:8001") == Endpoint("host:8001", "host:8000", {"scanserve-key": "secret"})


@pytest.mark.parametrize("address", ["host", "host:", ":8001", "host:http"])
def test_other_addresses_are_refused(address):
    with pytest.raises(InputError) as error:
        session.server_at(address)
    assert error.value.code == "server-address"


@pytest.fixture
def server(tmp_path):
    """The embedded server with one small model."""
    pytest.importorskip("pytriton")
    onnx = REPOSITORY / MODEL / "1" / "model.onnx"
    if not onnx.is_file():
        pytest.skip(f"{MODEL} has no model.onnx here")
    try:
        find_program(tmp_path / "libraries")
    except SetupError as error:
        pytest.skip(error.message)
    shutil.copytree(REPOSITORY / MODEL, tmp_path / "models" / MODEL)
    from scanserve.server import Embedded

    with Embedded(tmp_path / "models", require_canaries=False, log_path=tmp_path / "server.log") as running:
        yield running


@pytest.mark.live
@pytest.mark.parametrize("shared_memory", ["none", "system"])
def test_the_real_perf_analyzer_measures_the_real_server(server, tmp_path, shared_memory):
    load = Load(
        name="small",
        model=MODEL,
        limits=Limits(p95_ms=1e6, inferences_per_s=1e-6),
        concurrency=Range(start=1, end=1),
        window_s=1,
        stability_percent=900,
        shared_memory=shared_memory,
        shapes={"volume": (8, 16, 16)},
        values={"spacing": (1, 1, 1)},
    )
    profile = Profile(
        name="tiny", configuration="cpu", machine="a test", limits_come_from="nothing", loads=(load,)
    )
    endpoint = Endpoint(server.grpc_url, server.http_url, {SHM_KEY_HTTP_HEADER: server.shared_memory_key})

    verdict = session.run_profile(profile, endpoint, tmp_path / "out", repository=server.model_repository)

    assert verdict.passed
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["loads"]["small"][0]["inferences_per_s"] > 0
    assert set(result["models"]) == {MODEL}
