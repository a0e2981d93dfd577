"""The served graphs in this process answer as the graphs themselves."""

from pathlib import Path

import numpy as np
import pytest

from scanserve.contracts.spine import IMAGE_SHAPE, POINTS, SPINE
from scanserve.perf.inprocess import engine

REPOSITORY = Path("model_repository")
pytest.importorskip("onnxruntime")
pytest.importorskip("openvino")


def test_the_steps_of_an_ensemble_follow_each_other():
    detect = SPINE.model("spine_detect")
    film = np.random.default_rng(0).random((1, 1, 600, 300), dtype=np.float32)
    nothing = np.zeros((1, POINTS, 3), np.float32)
    box = np.array([[0, 0, 300, 600]], np.float32)
    found = engine(detect, REPOSITORY)({"film": film, "box": box, "hints": nothing, "previous": nothing})
    placed = engine(SPINE.model("spine_prepare"), REPOSITORY)({"film": film, "box": box})
    network = engine(SPINE.model("spine_unet"), REPOSITORY)
    alone = network({"image": placed["image"], "hints": nothing, "previous": nothing})

    assert set(found) == {tensor.name for tensor in detect.outputs}
    assert placed["image"].shape == (1, 1, *IMAGE_SHAPE)
    np.testing.assert_allclose(found["points"], alone["points"], atol=1e-3)
