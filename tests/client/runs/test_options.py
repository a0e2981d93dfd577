from dataclasses import fields
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from scanserve.client.runs.connection import embedded_connection, remote_connection
from scanserve.client.runs.options import CommonOptions, Study, with_common_options
from scanserve.contracts import InputError
from scanserve.contracts.dat import DAT

OPTIONS = (
    "--server",
    "--model-repository",
    "--force",
    "--dicom",
    "--deidentify",
    "--tls",
    "--tls-ca",
    "--tls-cert",
    "--tls-key",
    "--timeout",
    "--json",
)


@pytest.fixture
def invoke():
    """Run a command with an option of its own: (study, own option, common options)."""
    app, taken = typer.Typer(), []

    @app.command()
    @with_common_options
    def command(study: Study, depth: int = 1, *, common: CommonOptions) -> None:
        """Look into a study."""
        taken.append((study, depth, common))

    def call(*arguments):
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return taken.pop() if taken else done.output

    return call


def test_without_any_the_defaults_hold(invoke):
    assert invoke("study") == (Path("study"), 1, CommonOptions())


def test_they_are_given_beside_the_command_s_own(invoke):
    study, depth, common = invoke(
        "study", "--depth", "3", "--server", "host:1", "--timeout", "5", "--force", "--json"
    )
    assert (study, depth) == (Path("study"), 3)
    assert common == CommonOptions(server="host:1", timeout=5.0, force=True, json=True)


def test_help_names_every_one_after_the_command_s_own(invoke):
    text = invoke("--help")
    places = [text.index(f"{option} ") for option in ("--depth", *OPTIONS)]
    assert places == sorted(places)
    assert len(OPTIONS) == len(fields(CommonOptions))
    assert "Look into a study." in text
    assert "common" not in text.lower()


def test_they_say_how_to_connect():
    models = DAT.models[:1]
    assert CommonOptions().connect(models).func is embedded_connection
    connect = CommonOptions(server="127.0.0.1:9", timeout=5.0).connect(models)
    assert connect.func is remote_connection
    with connect() as connection:
        assert connection.client.settings.timeout_s == 5.0


def test_tls_options_that_do_not_go_together_are_refused():
    with pytest.raises(InputError):
        CommonOptions(server="127.0.0.1:9", tls_cert=Path("cert.pem")).connect(DAT.models[:1])
