import numpy as np
from tritonclient.grpc import service_pb2

from scanserve.client.transport import build_request
from scanserve.contracts.ccta import CENTERLINE
from scanserve.perf.wire import generated_bytes


def test_both_ways_send_the_same_request():
    volume = np.arange(8**3, dtype=np.int16).reshape(8, 8, 8)
    three = np.ones(3, np.float32)
    request = build_request(CENTERLINE, {"volume": volume, "spacing": three, "origin": three})
    generated, ours = generated_bytes(request), request.to_bytes()
    parse = service_pb2.ModelInferRequest.FromString
    assert parse(generated) == parse(ours)
