import pickle

import grpc
import pytest

from scanserve.client.transport.errors import DETAILS_LIMIT, Failure, from_rpc_error, to_error
from scanserve.contracts import InferenceError, InputError, ScanserveError, ServerError

S = grpc.StatusCode


@pytest.mark.parametrize("status", [status for status in S if status is not S.OK])
def test_no_status_is_unmapped(status):
    error = to_error(Failure(status, "some words"), "host:1", "model")
    assert isinstance(error, ScanserveError)
    assert error.code
    assert "host:1" in error.message
    assert "some words" in error.message


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (S.UNAVAILABLE, ServerError, "server-unavailable"),
        (S.DEADLINE_EXCEEDED, ServerError, "deadline-exceeded"),
        (S.NOT_FOUND, ServerError, "model-not-found"),
        (S.INVALID_ARGUMENT, InferenceError, "request-refused"),
        (S.INTERNAL, InferenceError, "inference-failed"),
    ],
)
def test_stable_codes(status, kind, code):
    error = to_error(Failure(status), "host:1")
    assert type(error) is kind
    assert error.code == code


def test_message_over_the_limit_is_the_callers_error():
    details = "Received message larger than max (2200000000 vs. 2147483647)"
    error = to_error(Failure(S.RESOURCE_EXHAUSTED, details), "host:1")
    assert isinstance(error, InputError)
    assert error.code == "volume-too-large"


def test_other_exhaustion_is_the_servers():
    assert to_error(Failure(S.RESOURCE_EXHAUSTED, "quota"), "host:1").code == "server-exhausted"


def test_only_unavailable_is_retryable():
    assert [status for status in S if Failure(status).retryable] == [S.UNAVAILABLE]


def test_details_become_one_short_line():
    message = to_error(Failure(S.INTERNAL, "first\n  second" + "x" * 1000), "host:1").message
    assert "\n" not in message
    assert "first second" in message
    assert len(message) < DETAILS_LIMIT + 150


def test_rpc_errors_are_read_by_their_two_methods():
    class Raised(grpc.RpcError):
        def code(self):
            return S.ABORTED

        def details(self):
            return None

    failure = from_rpc_error(Raised())
    assert (failure.status, failure.details) == (S.ABORTED, "")


@pytest.mark.parametrize(
    ("trailing", "seconds"),
    [
        ((), None),
        (None, None),
        ((("retry-after-ms", "1500"), ("other", "1")), 1.5),
        ((("retry-after-ms", "0"),), 0.0),
        ((("retry-after-ms", "soon"),), None),
        ((("retry-after-ms", "-1"),), None),
        ((("retry-after-ms", "9" * 30),), None),
        ((("retry-after-ms-bin", b"15"),), None),
    ],
)
def test_a_server_says_when_to_come_back(trailing, seconds):
    class Refused(grpc.RpcError):
        def code(self):
            return S.RESOURCE_EXHAUSTED

        def details(self):
            return "too many"

        def trailing_metadata(self):
            return trailing

    failure = from_rpc_error(Refused())
    assert failure.retry_after_s == seconds
    assert failure.retryable is (seconds is not None)


def test_errors_cross_process_borders():
    error = to_error(Failure(S.INTERNAL, "why"), "host:1")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.message) == (type(error), error.code, error.message)
