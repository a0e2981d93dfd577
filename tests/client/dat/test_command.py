import json

import pytest
from typer.testing import CliRunner

from scanserve.client.dat.command import app
from scanserve.client.runs import connection
from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError, ServerError


def invoke(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture
def served(samples, monkeypatch):
    """A made-up server where the command would start its own."""
    client = samples.FakeClient()
    monkeypatch.setattr(connection, "embedded_connection", samples.connecting(client))
    return client


def test_the_default_network_restores_and_says_where(study, served, tmp_path):
    done = invoke(study, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    text = " ".join(done.output.split())
    for word in (
        "U-Net, 4 levels",
        "series/dat_denoise.dcm",
        f"{NOT_FOR_DIAGNOSIS} The networks were trained on annotated images.",
        "report.html",
    ):
        assert word in text
    assert [name for name, _ in served.sent] == ["dat_denoise"]


def test_several_networks_and_filters_at_once(study, served, tmp_path):
    names = ("dat_transunet", "gaussian")
    done = invoke(study, "--out", tmp_path / "out", *(part for name in names for part in ("--network", name)))
    assert done.exit_code == 0, done.exception
    assert {path.stem for path in (tmp_path / "out" / "series").iterdir()} == set(names)


def test_json_is_nothing_but_json(study, tmp_path):
    done = invoke(study, "--out", tmp_path / "out", "--network", "gaussian", "--json")
    assert json.loads(done.stdout)["kind"] == "scanserve.dat.result"


def test_an_unknown_network_is_refused_with_the_known_ones(study, tmp_path):
    done = invoke(study, "--out", tmp_path / "out", "--network", "resnet")
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "unknown-method"
    assert "dat_vnet" in done.exception.message
    assert list(tmp_path.iterdir()) == []


def test_an_absent_server_is_one_clear_error(study, tmp_path):
    done = invoke(study, "--out", tmp_path / "out", "--server", "127.0.0.1:9")
    assert isinstance(done.exception, ServerError)
    assert done.exception.code == "server-unavailable"
    assert list(tmp_path.iterdir()) == []
