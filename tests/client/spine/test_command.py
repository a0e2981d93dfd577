import json

import pytest
from typer.testing import CliRunner

from scanserve.client.runs import connection
from scanserve.client.spine.command import app
from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError, ServerError


def invoke(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture
def served(samples, monkeypatch):
    """A made-up server where the command would start its own."""
    client = samples.FakeClient(off=0)
    monkeypatch.setattr(connection, "embedded_connection", samples.connecting(client))
    return client


def test_curves_are_printed(study, served, tmp_path):
    done = invoke(study, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    text = " ".join(done.output.split())
    for word in (
        "T1",
        "L5",
        "30.0°",
        "left of the patient",
        f"{NOT_FOR_DIAGNOSIS} The networks were trained on annotated images.",
        "report.html",
    ):
        assert word in text


def test_json_is_nothing_but_json(study, served, tmp_path):
    done = invoke(study, "--out", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["kind"] == "scanserve.spine.result"


def test_wrong_options_are_refused(study, tmp_path):
    done = invoke(study, "--out", tmp_path / "out", "--network", "resnet")
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "unknown-method"


def test_an_absent_server_is_one_clear_error(study, tmp_path):
    done = invoke(study, "--out", tmp_path / "out", "--server", "127.0.0.1:9")
    assert isinstance(done.exception, ServerError)
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_opened_where_it_is_asked_for(study, served, tmp_path, monkeypatch):
    from scanserve.client.spine.page import serve

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(serve, "_until_interrupted", lambda: None)
    done = invoke(study, "--out", tmp_path / "out", "--edit", "--port", 0)
    assert done.exit_code == 0, done.exception
    assert "The page is at http://127.0.0.1:" in done.output
    assert (tmp_path / "out" / "result.json").is_file()


def test_the_page_has_a_folder_of_its_own_where_none_is_named(study, served, tmp_path, monkeypatch):
    from scanserve.client.spine.page import serve

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(serve, "_until_interrupted", lambda: None)
    monkeypatch.chdir(tmp_path)
    done = invoke(study, "--edit", "--port", 0)
    assert done.exit_code == 0, done.exception
    assert (tmp_path / "study-spine" / "result.json").is_file()


def test_without_the_page_a_folder_must_be_named(study):
    done = invoke(study)
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "out-missing"
