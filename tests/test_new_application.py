"""Adding an application takes its own files and one line of the registry, shown by a tiny one.

The files lie in ``tests/support/fake_application/<room>/fake.py`` and are put into the rooms for the time of a test.
"""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from scanserve.client import cli
from scanserve.contracts import APPLICATIONS, InputError, all_models, find_model, part, parts, registry

FILES = Path(__file__).parent / "support" / "fake_application"
ROOMS = sorted(folder.name for folder in FILES.iterdir() if folder.is_dir())


@pytest.fixture
def fake(monkeypatch):
    """The application, its files in their rooms and its line in the registry."""
    for name in ROOMS:
        room = importlib.import_module(f"scanserve.{name}")
        monkeypatch.setattr(room, "__path__", [*room.__path__, str(FILES / name)])
    application = importlib.import_module("scanserve.contracts.fake").FAKE
    monkeypatch.setattr(registry, "APPLICATIONS", (*APPLICATIONS, application))
    yield application
    for name in ROOMS:
        sys.modules.pop(f"scanserve.{name}.fake", None)
        vars(sys.modules[f"scanserve.{name}"]).pop("fake", None)


@pytest.fixture
def repository(fake, tmp_path):
    """A model repository written by the exporter."""
    from scanserve.export.configs import write_configs
    from scanserve.export.onnx_export import export_model

    for spec in fake.models:
        export_model(spec.name, tmp_path, tmp_path / "no-weights")
    write_configs(tmp_path, tmp_path / "no-weights")
    return tmp_path


def test_it_touches_its_own_files_only():
    assert ROOMS == ["client", "contracts", "evaluation", "export", "networks"]
    assert {file.name for file in FILES.rglob("*.py")} == {"fake.py"}


def test_its_models_are_registered(fake):
    assert find_model("fake_double") is fake.models[0]
    assert all_models()[-1].name == "fake_double"


@pytest.mark.torch
@pytest.mark.parametrize("room", ROOMS)
def test_every_room_finds_its_part(fake, room):
    assert Path(part(room, "fake").__file__) == FILES / room / "fake.py"
    assert "fake" in parts(room)


def test_what_it_does_not_bring_is_named(fake):
    from scanserve.perf.accuracy import find_studies

    with pytest.raises(InputError, match=r"'fake' has no perf: there is no module scanserve\.perf\.fake"):
        find_studies("fake")
    assert "fake" not in parts("perf")


@pytest.mark.torch
def test_a_model_that_cannot_be_trained_is_named(fake):
    from scanserve.training.catalogue import find_recipe

    with pytest.raises(InputError, match="'fake' has no training"):
        find_recipe("fake_double")


@pytest.mark.torch
def test_it_is_exported(repository):
    from scanserve.export.configs import write_configs

    folder = repository / "fake_double"
    assert (folder / "1" / "model.onnx").is_file()
    report = json.loads((folder / "parity.json").read_text())
    assert report["cases"][0]["outputs"]["doubled"]["max_abs"] == 0
    assert 'backend: "onnxruntime"' in (folder / "config.pbtxt").read_text()
    assert folder / "configs" / "cpu.pbtxt" in write_configs(
        repository, repository / "no-weights", check=True
    )


def test_it_is_documented(fake):
    from scanserve.export.docs import render_tensors

    text = render_tensors(registry.APPLICATIONS)
    assert fake.title in text
    assert "| `doubled` | FP32 | [number] |" in text


def test_its_results_are_evaluated(fake, tmp_path, capsys):
    for name, content in (("truth", {}), ("result", {"kind": fake.result_kind})):
        (tmp_path / f"{name}.json").write_text(json.dumps({"doubled": [2.0, 4.0], **content}))
    status = cli.main(["evaluate", str(tmp_path), str(tmp_path), "--json", "-"])
    content = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (content["application"], content["right"], content["studies"]) == ("fake", 1, 1)


@pytest.mark.live
@pytest.mark.torch
def test_its_client_step_is_answered_by_the_real_server(fake, repository, tmp_path):
    from scanserve.client.fake import double
    from scanserve.client.transport import Client
    from scanserve.server import Embedded, write_canaries

    log = tmp_path / "server.log"
    with Embedded(repository, models=fake.models, check_canaries=False, log_path=log) as server:
        written = write_canaries(server.grpc_url, repository, fake.models)
        with Client(server.grpc_url) as client:
            doubled = double(client, np.array([1.5, -2.0, 0.0], np.float32))
    assert [path.parent.name for path in written] == ["fake_double"]
    np.testing.assert_array_equal(doubled, [3.0, -4.0, 0.0])
