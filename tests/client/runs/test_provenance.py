import hashlib
from types import SimpleNamespace

from scanserve.client.runs.connection import Connection
from scanserve.client.runs.provenance import describe_models, describe_server, provenance_of
from scanserve.contracts.ccta import CCTA


class Server:
    def server_info(self):
        return SimpleNamespace(name="triton", version="2.51.0")

    def metadata(self, model):
        return SimpleNamespace(versions=("2", "10"))


def test_hash_of_the_served_version(tmp_path):
    folder = tmp_path / "ccta_quality" / "10"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"onnx")
    models = {model.name: model for model in describe_models(Server(), CCTA.models, tmp_path)}
    assert models["ccta_quality"].sha256 == hashlib.sha256(b"onnx").hexdigest()
    assert (models["ccta_quality"].version, models["ccta_quality"].source) == ("10", "repository")
    assert (models["ccta_centerline"].sha256, models["ccta_centerline"].kind) == (None, "ensemble")


def test_without_a_repository_the_server_is_the_source():
    models = describe_models(Server(), CCTA.models, None)
    assert [model.name for model in models] == [spec.name for spec in CCTA.models]
    assert {model.source for model in models} == {"server"}


def test_server():
    server = describe_server(Server(), embedded=True)
    assert (server.name, server.version, server.embedded) == ("triton", "2.51.0", True)


def test_provenance_is_server_and_models_of_a_connection():
    connection = Connection(Server(), lambda timeout: True, True, None)
    provenance = provenance_of(connection, CCTA.models[:2])
    assert provenance.server == describe_server(Server(), embedded=True)
    assert provenance.models == tuple(describe_models(Server(), CCTA.models[:2], None))
