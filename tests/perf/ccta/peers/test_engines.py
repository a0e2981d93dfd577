import numpy as np
import pytest

from scanserve.perf.ccta.peers import engines
from tests.support.sources import ROOT

FILE = ROOT / "model_repository" / engines.MODEL / "1" / "model.onnx"


def test_the_weights_lie_where_they_are_looked_for():
    assert (engines._OWN_WEIGHTS / engines.MODEL / "manifest.json").is_file()


@pytest.mark.torch
def test_torch_and_onnxruntime_agree():
    pytest.importorskip("torch")
    pytest.importorskip("onnxruntime")
    crops = np.random.default_rng(0).random((3, 2, 128, 128, 128), dtype=np.float32)
    peers = {peer.title: peer for peer in engines.engines(FILE, crops)}
    assert len(peers) == 5
    eager, session = (peers[title].prepare()() for title in ("torch eager", "onnxruntime in process"))
    assert eager.shape == session.shape == (3, 128, 128, 128)
    assert np.abs(eager.astype(int) - session).max() <= 1
