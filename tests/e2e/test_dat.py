"""A short ioflupane study through the real server, as a user runs it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scanserve.contracts.dat import DAT, DENOISE, NETWORKS, TEST_SEED

pytestmark = pytest.mark.live

SEED = TEST_SEED + 1  # of the test split: never trained on
METHODS = ("gaussian", "bilateral", *NETWORKS)


def scanserve(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "scanserve.client.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=env, check=False)


@pytest.fixture(scope="module")
def repository(root: Path) -> Path:
    """The committed models; every network that is listed must be among them."""
    models = root / "model_repository"
    missing = [name for name in NETWORKS if not (models / name / "1" / "model.onnx").is_file()]
    assert not missing, f"not exported: {', '.join(missing)}"
    return models


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from scanserve.phantoms.dat import write_study

    return write_study(tmp_path_factory.mktemp("study") / "brain", SEED)


@pytest.fixture(scope="module")
def out(study: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every method at once leaves behind."""
    folder = tmp_path_factory.mktemp("run") / "result"
    networks = [part for name in METHODS for part in ("--network", name)]
    process = scanserve("dat", study, "--out", folder, *networks)
    assert process.returncode == 0, process.stderr
    assert "not for diagnosis" in process.stdout
    return folder


@pytest.fixture(scope="module")
def result(out: Path) -> dict:
    return json.loads((out / "result.json").read_text())


def test_every_network_listed_is_served_and_restores(result: dict) -> None:
    assert [restoration["method"] for restoration in result["restorations"]] == list(METHODS)
    assert {model["name"] for model in result["models"]} == set(NETWORKS)
    assert {model["trained_on"] for model in result["models"]} == {"synthetic phantoms"}


def test_every_output_says_what_the_served_network_was_trained_on(
    root: Path, study: Path, repository: Path, tmp_path: Path
) -> None:
    import pydicom

    from scanserve.export.configs import config_files, sources_of

    spec = DAT.model(DENOISE)
    weights, models = tmp_path / "weights" / DENOISE, tmp_path / "models" / DENOISE
    shutil.copytree(root / "weights" / DENOISE, weights)
    manifest = json.loads((weights / "manifest.json").read_text())
    manifest["trained_on"] = ["annotated CT of ImageCAS"]
    (weights / "manifest.json").write_text(json.dumps(manifest))
    shutil.copytree(repository / DENOISE, models)
    for path, text in config_files(spec, sources_of(spec, weights.parent)).items():
        (models / path).write_text(text)
    out = tmp_path / "out"
    process = scanserve("dat", study, "--out", out, "--dicom", "--model-repository", models.parent)
    assert process.returncode == 0, process.stderr
    said = "not for diagnosis. The networks were trained on annotated CT of ImageCAS."
    result = json.loads((out / "result.json").read_text())
    assert result["models"][0]["trained_on"] == "annotated CT of ImageCAS"
    assert said in process.stdout
    assert result["notice"].endswith(said)
    assert said in (out / "report.html").read_text()
    files = [*out.rglob("*.dcm")]
    assert len(files) >= 3
    for file in files:
        ds = pydicom.dcmread(file, stop_before_pixels=True)
        assert said in ds.ContributingEquipmentSequence[-1].ContributionDescription, file.name
    assert "phantom" not in result["notice"] + process.stdout


def test_model_hashes_are_those_of_the_repository(result: dict, repository: Path) -> None:
    for model in result["models"]:
        data = (repository / model["name"] / "1" / "model.onnx").read_bytes()
        assert model["sha256"] == hashlib.sha256(data).hexdigest()


def test_restored_series_are_nm_in_the_source_s_study(out: Path, study: Path) -> None:
    import pydicom

    source = pydicom.dcmread(study / "short.dcm", stop_before_pixels=True)
    for name in METHODS:
        made = pydicom.dcmread(out / "series" / f"{name}.dcm")
        assert made.StudyInstanceUID == source.StudyInstanceUID
        assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert made.pixel_array.shape == (5, 128, 128)


def test_networks_are_nearer_to_25_minutes_than_the_short_acquisition(study: Path, out: Path) -> None:
    process = scanserve("evaluate", study, out, "--json", "-")
    assert process.returncode == 0, process.stderr
    figures = json.loads(process.stdout)["pooled"]["figures"]
    assert set(figures) == {"unprocessed", *METHODS}
    for name in NETWORKS:
        assert figures[name]["psnr_gain_db"]["value"] > 0, name
    assert figures[DENOISE]["psnr"]["value"] > figures["gaussian"]["psnr"]["value"]


def test_the_report_is_one_file_that_asks_for_nothing(out: Path) -> None:
    html = (out / "report.html").read_text()
    assert "not for diagnosis" in html
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", html)


def test_result_follows_the_committed_schema(result: dict, root: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((root / "client/scanserve/client/dat/result.schema.json").read_text())
    jsonschema.validate(result, schema)


def test_many_slices_at_once_are_what_they_are_one_by_one(repository: Path) -> None:
    from scanserve.client.dat.network import Network
    from scanserve.client.transport import Client
    from scanserve.contracts.dat import DAT
    from scanserve.server import Embedded

    slices = np.random.default_rng(0).random((20, 64, 64)).astype(np.float32)
    spec = DAT.model(DENOISE)
    with Embedded(repository, models=(spec,)) as server, Client(server.grpc_url) as client:
        network = Network(spec, client.infer)
        together = network(slices)
        alone = np.concatenate([network(slices[n : n + 1]) for n in range(3)])
    assert together.shape == slices.shape
    assert alone == pytest.approx(together[:3], abs=1e-4)


@pytest.mark.parametrize(("name", "code"), [("nothing", "study-missing"), ("empty", "empty-folder")])
def test_bad_input_is_one_sentence_and_leaves_nothing(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "empty").mkdir()
    process = scanserve("dat", tmp_path / name, "--out", tmp_path / "out")
    assert process.returncode == 2
    assert f"[{code}]" in process.stderr
    assert "Traceback" not in process.stderr + process.stdout
    assert not (tmp_path / "out").exists()
