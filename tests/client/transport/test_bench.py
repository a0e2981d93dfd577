import numpy as np

from scanserve.client.transport.bench import _SPEC, _generated, measure
from scanserve.client.transport.request import build_request


def test_every_way_is_measured():
    medians = measure((4, 8, 8), rounds=1)
    assert list(medians) == ["tritonclient", "one copy", "shared memory"]
    assert all(seconds > 0 for seconds in medians.values())


def test_ways_that_are_compared_write_the_same_request():
    request = build_request(_SPEC, {"volume": np.arange(24, dtype=np.int16).reshape(2, 3, 4)})
    assert _generated(request) == request.to_bytes()
