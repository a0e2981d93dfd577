import pytest

from scanserve.client.transport import TLS
from scanserve.contracts import InputError


@pytest.mark.parametrize("given", [{"cert": "a"}, {"key": "a"}])
def test_a_certificate_needs_its_key(given):
    with pytest.raises(InputError) as caught:
        TLS(**given)
    assert caught.value.code == "tls-pair"


def test_file_that_is_missing_is_named_without_its_folder(tmp_path):
    with pytest.raises(InputError, match=r"'ca\.pem'") as caught:
        TLS(ca=tmp_path / "ca.pem").credentials()
    assert caught.value.code == "tls-file"
    assert str(tmp_path) not in caught.value.message


def test_server_name_becomes_a_channel_option():
    assert TLS(server_name="triton").options() == [("grpc.ssl_target_name_override", "triton")]
    assert TLS().options() == []
