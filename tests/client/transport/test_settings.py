import pytest

from scanserve.client.transport import MESSAGE_LIMIT, TLS, Settings
from scanserve.contracts import InputError
from scanserve.contracts.sharedmemory import SHM_KEY_VARIABLE


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("127.0.0.1:8001", "127.0.0.1:8001"),
        ("grpc://triton.hospital:8001", "triton.hospital:8001"),
        ("grpcs://triton:443/", "triton:443"),
        ("[::1]:8001", "[::1]:8001"),
    ],
)
def test_addresses(url, target):
    assert Settings(url).target == target


@pytest.mark.parametrize(
    "url", ["", "localhost", "http://localhost:8000", "host:0", "host:99999", "host:80x", "a b:1", "::1:80"]
)
def test_addresses_that_are_none(url):
    with pytest.raises(InputError) as caught:
        Settings(url)
    assert caught.value.code == "server-address"


def test_grpcs_means_tls_and_plain_does_not():
    assert Settings("grpcs://host:1").security == TLS()
    assert Settings("host:1").security is None


@pytest.mark.parametrize("name", ["timeout_s", "connect_timeout_s"])
def test_times_are_positive(name):
    with pytest.raises(InputError) as caught:
        Settings("host:1", **{name: 0.0})
    assert caught.value.code == "timeout"


def test_mode_is_known():
    with pytest.raises(InputError) as caught:
        Settings("host:1", shared_memory="sometimes")
    assert caught.value.code == "shared-memory-mode"


def test_key_comes_from_the_argument_then_the_environment(monkeypatch):
    monkeypatch.setenv(SHM_KEY_VARIABLE, "from-environment")
    assert Settings("host:1").key == "from-environment"
    assert Settings("host:1", shared_memory_key="given").key == "given"
    monkeypatch.delenv(SHM_KEY_VARIABLE)
    assert Settings("host:1").key is None


def test_channel_allows_the_largest_message_and_leaves_retries_to_us():
    options = dict(Settings("host:1").channel_options())
    assert options["grpc.max_send_message_length"] == options["grpc.max_receive_message_length"]
    assert options["grpc.max_send_message_length"] == MESSAGE_LIMIT == 2**31 - 1
    assert options["grpc.enable_retries"] == 0
    assert "grpc.keepalive_time_ms" not in options


def test_keepalive_in_milliseconds():
    assert dict(Settings("host:1", keepalive_s=300).channel_options())["grpc.keepalive_time_ms"] == 300_000


@pytest.mark.parametrize(
    ("url", "direct"),
    [("127.0.0.1:8001", True), ("localhost:1", True), ("[::1]:8001", True), ("triton.example:8001", False)],
)
def test_loopback_never_goes_through_a_proxy(url: str, direct: bool) -> None:
    assert (("grpc.enable_http_proxy", 0) in Settings(url).channel_options()) is direct
