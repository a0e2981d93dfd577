import hashlib
from types import SimpleNamespace

import pytest

from scanserve.client.runs.connection import Connection
from scanserve.client.runs.provenance import describe_models, describe_server, provenance_of
from scanserve.contracts import NOT_FOR_DIAGNOSIS, ServerError
from scanserve.contracts.ccta import CCTA


class Server:
    """Says of every network that it was trained on ``told``; an error is raised."""

    def __init__(self, told="synthetic phantoms"):
        self.told = told

    def server_info(self):
        return SimpleNamespace(name="triton", version="2.51.0")

    def metadata(self, model):
        return SimpleNamespace(versions=("2", "10"))

    def parameters(self, model):
        if isinstance(self.told, Exception):
            raise self.told
        return {} if self.told is None else {"trained_on": self.told, "other": "x"}


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


def noticed(told):
    return provenance_of(Connection(Server(told), lambda timeout: True, False, None), CCTA.models).notice


def test_the_notice_is_of_the_networks_that_were_served():
    said = noticed("annotated CT of ImageCAS")
    assert said == f"{NOT_FOR_DIAGNOSIS} The networks were trained on annotated CT of ImageCAS."


@pytest.mark.parametrize("told", [None, "", " ; . ", ServerError("not-supported", "no such call.")])
def test_a_server_that_tells_nothing_leaves_it_open(told):
    assert noticed(told) == f"{NOT_FOR_DIAGNOSIS} What the networks were trained on is not known."


def test_only_networks_are_asked():
    models = describe_models(Server(), CCTA.models, None)
    assert {model.kind: model.trained_on for model in models} == {
        "network": "synthetic phantoms",
        "graph": None,
        "ensemble": None,
    }


def test_what_a_server_tells_is_cut_and_printable():
    models = describe_models(Server("\x1b[2J" + "a" * 10_000), CCTA.models, None)
    told = next(model.trained_on for model in models if model.kind == "network")
    assert len(told) <= 160
    assert told.isprintable()


def test_without_networks_nothing_is_said_of_training():
    graphs = [spec for spec in CCTA.models if spec.kind == "graph"]
    connection = Connection(Server(), lambda timeout: True, True, None)
    assert provenance_of(connection, graphs).notice == NOT_FOR_DIAGNOSIS
