"""What is announced before a message; requests themselves are tested on a live server (test_live.py)."""

import grpc
import pytest

from scanserve.contracts import find_model
from scanserve.contracts.announced import ANNOUNCED_HEADER, announce
from scanserve.server.gate.admission import Line
from scanserve.server.gate.counts import Counts
from scanserve.server.gate.infer import Inference, Served
from scanserve.server.gate.refusal import Refusal

DENOISE = find_model("dat_denoise")


class FullLine(Line):
    """A line that no request can enter any more."""

    def check(self, items):
        raise Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, f"no room for {items}.", 0.5)


@pytest.fixture
def inference():
    served = Served(DENOISE, FullLine(DENOISE.name, 16, 16), 1 << 20)
    return Inference(None, {DENOISE.name: served}, None, None, None, Counts())


def test_a_full_model_refuses_what_is_announced_and_counts_it(inference):
    with pytest.raises(Refusal, match="no room for 16") as caught:
        inference.check({ANNOUNCED_HEADER: announce(DENOISE.name, 16)})
    assert caught.value.retry_after_s == 0.5
    row = 'scanserve_gate_requests_total{model="dat_denoise",outcome="resource_exhausted"} 1'
    assert row in inference._counts.to_text()


@pytest.mark.parametrize(
    "value", ["", "dat_denoise", "no_model/1", announce(DENOISE.name, DENOISE.max_batch_size + 1)]
)
def test_anything_else_is_left_to_the_message(inference, value):
    """A batch that is too large would otherwise tell everybody to come back late."""
    before = inference._counts.to_text()
    inference.check({ANNOUNCED_HEADER: value})
    inference.check({})
    assert inference._counts.to_text() == before
