"""The conversation with a scripted server: no network, no waiting."""

import grpc
import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from scanserve.client.transport import Failure, Retry, Settings
from scanserve.client.transport.calls import Call, Sleep
from scanserve.client.transport.session import Session
from scanserve.client.transport.sharedmemory import REGION_LIMIT
from scanserve.contracts import Axis, InferenceError, InputError, ModelSpec, ServerError, TensorSpec
from scanserve.contracts.announced import ANNOUNCED_HEADER
from scanserve.contracts.sharedmemory import DIRECTORY, SHM_KEY_HEADER, WORTH_IT

S = grpc.StatusCode
VOLUME = TensorSpec("volume", "INT16", (Axis("z"), Axis("y"), Axis("x")), "")
TOTAL = TensorSpec("total", "FP32", (Axis("one", 1),), "")
SPEC = ModelSpec("total", "", "graph", (VOLUME,), (TOTAL,))
SMALL = {"volume": np.ones((2, 3, 4), np.int16)}
LARGE = {"volume": np.ones((2, 512, 512), np.int16)}
LARGER = {"volume": np.ones((9, 512, 512), np.int16)}

needs_shared_memory = pytest.mark.skipif(not DIRECTORY.is_dir(), reason="no POSIX shared memory here")


class Server:
    """Answers every call, sums volumes, keeps regions; ``failures`` are raised by method, one per call."""

    def __init__(self, **failures):
        self.failures = {method: list(some) for method, some in failures.items()}
        self.calls, self.regions, self.now = [], {}, 0.0

    def clock(self):
        return self.now

    def perform(self, step):
        if isinstance(step, Sleep):
            self.now += step.seconds
            return b""
        assert isinstance(step, Call)
        self.calls.append(step)
        failure = (self.failures.get(step.method) or [None]).pop(0)
        if failure is not None:
            raise failure
        return getattr(self, step.method, lambda payload: b"")(step.payload)

    def methods(self):
        return [call.method for call in self.calls]

    def SystemSharedMemoryRegister(self, payload):  # noqa: N802
        message = service_pb2.SystemSharedMemoryRegisterRequest.FromString(payload)
        path = DIRECTORY / message.key[1:]
        assert path.stat().st_size == message.byte_size
        assert path.stat().st_mode & 0o077 == 0
        self.regions[message.name] = np.memmap(path, np.uint8, "r")
        return b""

    def SystemSharedMemoryUnregister(self, payload):  # noqa: N802
        del self.regions[service_pb2.SystemSharedMemoryUnregisterRequest.FromString(payload).name]
        return b""

    def ModelInfer(self, payload):  # noqa: N802
        message = service_pb2.ModelInferRequest.FromString(payload)
        total = self.read(message).view(np.int16).sum(dtype=np.float32)
        answer = service_pb2.ModelInferResponse()
        answer.outputs.add(name="total", datatype="FP32", shape=[1])
        answer.raw_output_contents.append(np.float32(total).tobytes())
        return answer.SerializeToString()

    def read(self, message):
        if message.raw_input_contents:
            return np.frombuffer(message.raw_input_contents[0], np.uint8)
        parameters = message.inputs[0].parameters
        name = parameters["shared_memory_region"].string_param
        if name not in self.regions:
            raise Failure(S.INVALID_ARGUMENT, f"Unable to find shared memory region: '{name}'")
        return self.regions[name][: parameters["shared_memory_byte_size"].int64_param]


def drive(server, steps):
    try:
        step = next(steps)
        while True:
            try:
                result = server.perform(step)
            except Failure as failure:
                step = steps.throw(failure)
            else:
                step = steps.send(result)
    except StopIteration as done:
        return done.value


def new_session(server, **settings):
    settings.setdefault("shared_memory", "never")
    settings.setdefault("retry", Retry(3, base_s=1.0, uniform=lambda low, high: high))
    return Session(Settings("host:1", **settings), server.clock)


def total(server, session, inputs=SMALL):
    return drive(server, session.infer(SPEC, inputs))["total"].item()


def failed(server, session, inputs=SMALL):
    with pytest.raises(ServerError) as caught:
        total(server, session, inputs)
    return caught.value.code


def test_first_contact_is_made_once():
    server = Server()
    session = new_session(server)
    assert [total(server, session), total(server, session)] == [24, 24]
    assert server.methods() == ["ServerLive", "ModelInfer", "ModelInfer"]
    assert session.transport_used == "grpc"


def test_absent_server_is_reported_without_a_retry():
    server = Server(ServerLive=[Failure(S.UNAVAILABLE, "refused")])
    assert failed(server, new_session(server)) == "server-unavailable"
    assert server.now == 0
    assert server.methods() == ["ServerLive"]


def test_silence_at_first_contact_is_unavailable():
    server = Server(ServerLive=[Failure(S.DEADLINE_EXCEEDED)])
    assert failed(server, new_session(server, connect_timeout_s=2)) == "server-unavailable"
    assert server.calls[0].timeout_s == 2


def test_bad_input_is_refused_before_anything_is_said():
    server = Server()
    with pytest.raises(InputError):
        drive(server, new_session(server).infer(SPEC, {}))
    assert server.calls == []


def test_unavailable_is_retried_and_the_deadline_shrinks():
    server = Server(ModelInfer=[Failure(S.UNAVAILABLE)] * 2)
    assert total(server, new_session(server, timeout_s=10)) == 24
    assert [call.timeout_s for call in server.calls[1:]] == [10, 9, 7]


def test_retries_end():
    server = Server(ModelInfer=[Failure(S.UNAVAILABLE)] * 9)
    assert failed(server, new_session(server)) == "server-unavailable"
    assert server.methods().count("ModelInfer") == 4


def test_a_refusal_is_repeated_when_the_server_says_and_is_no_failure():
    refusals = [Failure(S.RESOURCE_EXHAUSTED, "too many requests", 2.0) for _ in range(9)]
    server = Server(ModelInfer=[*refusals, Failure(S.UNAVAILABLE)])
    assert total(server, new_session(server, timeout_s=100)) == 24
    assert server.methods().count("ModelInfer") == 11
    assert server.now == 9 * 2.5 + 1.0


def test_a_refusal_that_would_outlast_the_deadline_is_told_at_once():
    server = Server(ModelInfer=[Failure(S.RESOURCE_EXHAUSTED, "too many requests", 7.0)] * 3)
    assert failed(server, new_session(server, timeout_s=10)) == "server-exhausted"
    assert server.now == 8.75
    assert server.methods().count("ModelInfer") == 2


def test_exhaustion_without_a_time_is_not_repeated():
    server = Server(ModelInfer=[Failure(S.RESOURCE_EXHAUSTED, "quota")])
    assert failed(server, new_session(server)) == "server-exhausted"
    assert server.methods().count("ModelInfer") == 1


def test_no_wait_reaches_the_deadline():
    server = Server(ModelInfer=[Failure(S.UNAVAILABLE)] * 9)
    assert failed(server, new_session(server, timeout_s=3)) == "server-unavailable"
    assert server.now == 1


@pytest.mark.parametrize("status", [status for status in S if status not in (S.OK, S.UNAVAILABLE)])
def test_nothing_else_is_retried(status):
    server = Server(ModelInfer=[Failure(status, "why")])
    failed(server, new_session(server))
    assert server.methods().count("ModelInfer") == 1


def test_wrong_answer_is_an_error():
    server = Server()
    server.ModelInfer = lambda payload: b""
    with pytest.raises(InferenceError) as caught:
        total(server, new_session(server))
    assert caught.value.code == "response-mismatch"


def test_parameters_of_a_configuration_are_told():
    server, told = Server(), service_pb2.ModelConfigResponse()
    told.config.parameters["trained_on"].string_value = "synthetic phantoms"
    server.ModelConfig = lambda payload: told.SerializeToString()
    assert drive(server, new_session(server).parameters("total")) == {"trained_on": "synthetic phantoms"}
    assert service_pb2.ModelConfigRequest.FromString(server.calls[-1].payload).name == "total"


def test_readiness_and_metadata_name_their_model():
    server = Server()
    server.ModelReady = lambda payload: service_pb2.ModelReadyResponse(ready=True).SerializeToString()
    session = new_session(server)
    assert drive(server, session.is_ready("total")) is True
    assert drive(server, session.is_ready()) is False
    assert service_pb2.ModelReadyRequest.FromString(server.calls[1].payload).name == "total"


def used(server, session, inputs=LARGE):
    assert total(server, session, inputs) == inputs["volume"].size
    return session.transport_used


def leftovers():
    return [path.name for path in DIRECTORY.glob("scanserve-*")]


@needs_shared_memory
class TestSharedMemory:
    @pytest.fixture(autouse=True)
    def _nothing_is_left(self):
        before = set(leftovers())
        yield
        assert set(leftovers()) <= before

    def test_volume_goes_through_a_region_whose_name_is_gone(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        assert used(server, session) == "shared-memory"
        assert len(server.regions) == 1
        assert not any((DIRECTORY / name).exists() for name in server.regions)
        assert len(server.calls[-1].payload) < 200

    def test_region_is_used_again_by_the_next_request(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        for _ in range(3):
            used(server, session)
        assert server.methods().count("SystemSharedMemoryRegister") == 2  # the probe's and the volume's

    def test_close_takes_all_regions_back(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        used(server, session)
        used(server, session, LARGER)
        drive(server, session.close())
        assert server.regions == {}

    def test_small_request_goes_by_grpc_without_a_probe(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        assert SMALL["volume"].nbytes < WORTH_IT
        assert used(server, session, SMALL) == "grpc"
        assert server.methods() == ["ServerLive", "ModelInfer"]

    @pytest.mark.parametrize(
        "failure",
        [
            Failure(S.UNAVAILABLE, "This protocol is restricted, expecting header 'x'"),
            Failure(S.INTERNAL, "Unable to open shared memory region: '/x'"),
            Failure(S.UNIMPLEMENTED),
        ],
    )
    def test_refusal_falls_back_once_and_for_all(self, failure):
        server = Server(SystemSharedMemoryRegister=[failure])
        session = new_session(server, shared_memory="auto")
        assert [used(server, session), used(server, session)] == ["grpc", "grpc"]
        assert server.methods().count("SystemSharedMemoryRegister") == 1
        assert session.shared_memory.refusal

    def test_refusal_is_an_error_where_shared_memory_must_be(self):
        server = Server(SystemSharedMemoryRegister=[Failure(S.UNIMPLEMENTED, "no")])
        assert failed(server, new_session(server, shared_memory="always"), LARGE) == "shared-memory-refused"

    def test_always_means_small_requests_too(self):
        server = Server()
        assert used(server, new_session(server, shared_memory="always"), SMALL) == "shared-memory"

    def test_one_volume_without_memory_goes_by_grpc(self, monkeypatch):
        server = Server()
        session = new_session(server, shared_memory="auto")
        used(server, session, LARGER)

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.posix_fallocate", full)
        assert used(server, session) == "grpc"
        assert used(server, session, LARGER) == "shared-memory"

    def test_restarted_server_gets_a_new_region(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        used(server, session)
        server.regions.clear()
        assert used(server, session) == "shared-memory"
        assert server.now == 0

    def test_key_is_sent_with_the_restricted_protocol_alone(self):
        server = Server()
        session = new_session(server, shared_memory="auto", shared_memory_key="secret")
        used(server, session)
        drive(server, session.close())
        for call in server.calls:
            announced = [item for item in call.metadata if item[0] == ANNOUNCED_HEADER]
            assert bool(announced) is (call.method == "ModelInfer")
            others = [item for item in call.metadata if item not in announced]
            assert others == ([(SHM_KEY_HEADER, "secret")] if "SharedMemory" in call.method else [])

    def test_failed_request_gives_its_region_back(self):
        server = Server(ModelInfer=[Failure(S.INTERNAL)])
        session = new_session(server, shared_memory="auto")
        failed(server, session, LARGE)
        drive(server, session.close())
        assert server.regions == {}

    def test_region_that_may_still_be_read_is_never_taken_from_the_server(self):
        server = Server(ModelInfer=[Failure(S.DEADLINE_EXCEEDED)])
        session = new_session(server, shared_memory="auto")
        assert failed(server, session, LARGE) == "deadline-exceeded"
        assert used(server, session) == "shared-memory"
        drive(server, session.close())
        assert len(server.regions) == 1

    def test_abandoned_request_leaves_its_region_registered(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        steps = session.infer(SPEC, LARGE)
        step = next(steps)
        while step.method != "ModelInfer":
            step = steps.send(server.perform(step))
        steps.close()
        drive(server, session.close())
        assert len(server.regions) == 1

    def test_number_of_regions_is_bounded(self):
        server = Server()
        session = new_session(server, shared_memory="auto")
        for megabytes in range(1, 40, 5):
            used(server, session, {"volume": np.ones((megabytes * 2, 512, 512), np.int16)})
            assert len(server.regions) <= REGION_LIMIT
