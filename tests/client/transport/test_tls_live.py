"""TLS and mutual TLS with a real tritonserver that serves no model."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time

import pytest

from scanserve.client.transport import TLS, AsyncClient, Client
from scanserve.contracts import ServerError
from tests.support.ports import free_port

runtimes = pytest.importorskip("scanserve.server.runtime")
pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl"),
    pytest.mark.skipif(sys.platform != "linux", reason="tritonserver runs on Linux"),
]


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


def make_authority(folder, name):
    files = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
    openssl(folder, "req", "-x509", *NEW_KEY, "-subj", f"/CN={name}", "-days", "2", *files)


def make_pair(folder, name, authority):
    names = ("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:triton")
    openssl(folder, "req", *NEW_KEY, *names, "-keyout", f"{name}.key", "-out", f"{name}.csr")
    signer = ("-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial")
    content = ("-days", "2", "-copy_extensions", "copy")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signer, *content, "-out", f"{name}.pem")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    for authority in ("authority", "stranger"):
        make_authority(folder, authority)
    make_pair(folder, "server", "authority")
    make_pair(folder, "client", "authority")
    make_pair(folder, "impostor", "stranger")
    return folder


@pytest.fixture(scope="module")
def url(certificates):
    runtime = runtimes.find_runtime()
    (certificates / "models").mkdir()
    port = free_port()
    options = {
        "model-repository": certificates / "models",
        "allow-http": "false",
        "allow-metrics": "false",
        "grpc-address": "127.0.0.1",
        "grpc-port": port,
        "grpc-use-ssl": "true",
        "grpc-use-ssl-mutual": "true",
        "grpc-server-cert": certificates / "server.pem",
        "grpc-server-key": certificates / "server.key",
        "grpc-root-cert": certificates / "authority.pem",
    }
    command = [str(runtime.program), *(f"--{name}={value}" for name, value in options.items())]
    with (
        open(certificates / "server.log", "wb") as log,
        subprocess.Popen(
            command, env=runtimes.server_environment(runtime), stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            wait_until_listening(process, port)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_until_listening(process, port):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("tritonserver did not start to listen")


def tls(folder, authority, pair=None, **others):
    cert, key = (folder / f"{pair}.pem", folder / f"{pair}.key") if pair else (None, None)
    return TLS(folder / f"{authority}.pem", cert, key, **others)


def test_both_sides_with_their_certificates_meet(certificates, url):
    with Client(url, tls=tls(certificates, "authority", "client")) as client:
        assert client.server_info().name == "triton"


def test_async_client_too(certificates, url):
    async def ask():
        async with AsyncClient(url, tls=tls(certificates, "authority", "client")) as client:
            return (await client.server_info()).name

    assert asyncio.run(ask()) == "triton"


def test_server_name_may_be_given(certificates, url):
    with Client(url, tls=tls(certificates, "authority", "client", server_name="triton")) as client:
        assert client.is_ready()


@pytest.mark.parametrize(
    ("authority", "pair", "server_name"),
    [
        ("authority", None, None),  # the server wants a certificate
        ("authority", "impostor", None),  # the server does not know its authority
        ("stranger", "client", None),  # the client does not know the server's authority
        ("authority", "client", "other.name"),  # the server's certificate is for another name
    ],
)
def test_neither_side_takes_what_it_cannot_verify(certificates, url, authority, pair, server_name):
    security = tls(certificates, authority, pair, server_name=server_name)
    with Client(url, tls=security) as client, pytest.raises(ServerError) as caught:
        client.server_info()
    assert caught.value.code == "server-unavailable"


def test_plain_text_is_not_answered(url):
    with Client(url) as client, pytest.raises(ServerError) as caught:
        client.server_info()
    assert caught.value.code == "server-unavailable"
