"""Overload and soak on the real server, shorter than anything that would judge it."""

import json

import pytest

from scanserve.contracts import SetupError
from scanserve.contracts.ccta import CENTERLINE, QUALITY
from scanserve.perf import endurance, soak


def test_batched_models_are_asked_in_batches():
    assert endurance._inputs(QUALITY, {}, 4)["straightened"].shape == (4, 320, 32, 32)
    assert len(endurance._inputs(QUALITY, {}, 99)["length"]) == QUALITY.max_batch_size
    assert endurance._inputs(CENTERLINE, endurance.SMALL, 4)["volume"].shape == (32, 48, 48)


@pytest.mark.live
def test_a_short_soak_says_what_is_held(tmp_path, monkeypatch):
    from scanserve.server import runtime

    try:
        runtime.find_runtime()
    except SetupError as error:
        pytest.skip(error.message)
    monkeypatch.setattr(soak, "ALLOWED", 10.0)  # sixty requests are all warm-up
    lines = list(endurance.run_soak("ccta", tmp_path, requests=60))
    assert lines[0].startswith("60 requests to ccta_centerline, ccta_quality")
    content = json.loads((tmp_path / "soak.json").read_text())
    assert [row["what"] for row in content["rows"]] == ["memory_mib", "descriptors", "threads", "shared_mib"]
    assert len(content["held"]) == 60
