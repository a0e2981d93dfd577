"""The whole way on real parts: a phantom study as DICOM, the real tritonserver, the command line, the result."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from scanserve.contracts.ccta import TEST_SEED
from scanserve.geometry import Grid
from tests.support import truth_check

pytestmark = pytest.mark.live

VESSELS = ("RCA", "LAD", "LCX")
SEED = TEST_SEED + 1  # of the test split: never trained on
#: A clinical resolution, a little below the demo's.
SMALL = Grid.centred((192, 384, 384), (0.52, 0.52, 0.65))


def scanserve(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "scanserve.client.cli", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=env, check=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from scanserve.phantoms.ccta.study import write_study

    out = tmp_path_factory.mktemp("study") / "phantom"
    write_study(out, SEED, 5, grid=SMALL)
    return out


@pytest.fixture(scope="module")
def run(
    study: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    out = tmp_path_factory.mktemp("run") / "result"
    return scanserve("ccta", study, "--out", out), out


@pytest.fixture(scope="module")
def result(run: tuple[subprocess.CompletedProcess[str], Path]) -> dict:
    process, out = run
    assert process.returncode == 0, process.stderr
    return json.loads((out / "result.json").read_text())


@pytest.fixture(scope="module")
def truth(study: Path) -> dict:
    return json.loads((study / "truth.json").read_text())


def _percent(result: dict, label: str) -> float:
    return next(p["percent"] for p in result["study"]["phases"] if p["label"] == label)


def test_says_the_answer_and_that_it_is_no_diagnosis(run) -> None:
    process, out = run
    assert process.returncode == 0, process.stderr
    for word in (*VESSELS, "not for diagnosis", "report.html"):
        assert word in process.stdout, process.stdout
    assert {"result.json", "report.html"} <= {p.name for p in out.iterdir()}


def test_every_phase_is_found_and_explained(result: dict, truth: dict) -> None:
    phases = result["study"]["phases"]
    assert sorted(p["percent"] for p in phases) == sorted(truth["percents"])
    assert all(p["explanation"] for p in phases)
    assert "not for diagnosis" in result["notice"]


@pytest.mark.parametrize("vessel", VESSELS)
def test_most_of_every_main_vessel_is_followed_in_the_best_phase(
    result: dict, truth: dict, vessel: str
) -> None:
    found = next(v for v in result["vessels"] if v["vessel"] == vessel)
    best = found["ranking"]["best"]
    tree = next(p for p in found["phases"] if p["phase"] == best)["tree"]
    points = np.array(tree["points_mm"])
    true = truth_check.main_path(truth, vessel, _percent(result, best))
    assert truth_check.covered(true, points, 1.5) >= 0.7
    root = points[tree["main_path"][0]]
    assert np.linalg.norm(root - true[0]) < 10.0


def test_the_best_phase_is_one_at_rest(result: dict, truth: dict) -> None:
    regrets = []
    for found in result["vessels"]:
        percent = _percent(result, found["ranking"]["best"])
        regrets.append(truth_check.best_phase_regret(truth, found["vessel"], percent))
    assert max(regrets) <= 1.0
    assert sorted(regrets)[1] <= 0.3


def test_quality_falls_with_motion(result: dict, truth: dict) -> None:
    for found in result["vessels"]:
        quality, blur = [], []
        for phase in found["phases"]:
            if phase["quality"]:
                quality.append(phase["quality"]["quality"])
                blur.append(
                    truth_check._phase(truth, found["vessel"], _percent(result, phase["phase"]))["blur_mm"]
                )
        assert np.corrcoef(quality, blur)[0, 1] < -0.6


def test_the_report_is_one_file_that_asks_for_nothing(run) -> None:
    _, out = run
    html = (out / "report.html").read_text()
    assert "not for diagnosis" in html
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", html)
    assert "data:image/png;base64," in html


def test_result_follows_the_committed_schema(result: dict, root: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((root / "client/scanserve/client/ccta/result.schema.json").read_text())
    jsonschema.validate(result, schema)


def test_model_hashes_are_those_of_the_repository(result: dict, root: Path) -> None:
    import hashlib

    hashes = {m["name"]: m["sha256"] for m in result["models"]}
    for name in ("ccta_stage1", "ccta_stage2", "ccta_quality"):
        data = (root / "model_repository" / name / "1" / "model.onnx").read_bytes()
        assert hashes[name] == hashlib.sha256(data).hexdigest()


def _fails(process: subprocess.CompletedProcess[str], code: str, out: Path) -> None:
    assert process.returncode != 0
    assert f"[{code}]" in process.stderr, process.stderr
    assert "Traceback" not in process.stderr + process.stdout
    assert not out.exists()


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    _fails(scanserve("ccta", tmp_path / "study", "--out", tmp_path / "out"), "empty-folder", tmp_path / "out")


def test_no_ct_in_it(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "notes.txt").write_text("nothing here")
    _fails(scanserve("ccta", tmp_path / "study", "--out", tmp_path / "out"), "no-ct", tmp_path / "out")


def test_an_absent_server(study: Path, tmp_path: Path) -> None:
    process = scanserve("ccta", study, "--out", tmp_path / "out", "--server", "127.0.0.1:9")
    _fails(process, "server-unavailable", tmp_path / "out")


@pytest.fixture(scope="module")
def middle_phase(study: Path, truth: dict) -> list[Path]:
    """The files of the phase in the middle."""
    import pydicom

    tag = "NominalPercentageOfCardiacPhase"
    images = [path for path in sorted(study.rglob("*")) if path.is_file() and path.suffix != ".json"]
    percents = [pydicom.dcmread(path, specific_tags=[tag])[tag].value for path in images]
    middle = truth["percents"][2]
    return [path for path, percent in zip(images, percents, strict=True) if percent == middle]


@pytest.fixture
def one_phase(middle_phase: list[Path], tmp_path: Path) -> Path:
    """A copy of the study with the files of one phase only."""
    target = tmp_path / "one"
    target.mkdir()
    for path in middle_phase:
        shutil.copy(path, target / path.name)
    return target


def test_one_phase_is_ranked_trivially_and_said_so(one_phase: Path, tmp_path: Path) -> None:
    process = scanserve("ccta", one_phase, "--out", tmp_path / "out")
    assert process.returncode == 0, process.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert len(result["study"]["phases"]) == 1
    assert "one phase" in json.dumps(result).lower()


def test_a_truncated_file_among_good_ones(one_phase: Path, tmp_path: Path) -> None:
    victim = sorted(one_phase.iterdir())[40]
    victim.write_bytes(victim.read_bytes()[:-5000])
    _fails(scanserve("ccta", one_phase, "--out", tmp_path / "out"), "truncated-file", tmp_path / "out")


def test_missing_slices(one_phase: Path, tmp_path: Path) -> None:
    for victim in sorted(one_phase.iterdir())[40:43]:
        victim.unlink()
    _fails(scanserve("ccta", one_phase, "--out", tmp_path / "out"), "missing-slices", tmp_path / "out")


def test_a_phase_in_another_frame_of_reference_is_left_out_and_named(
    study: Path, one_phase: Path, tmp_path: Path
) -> None:
    import pydicom

    for path in one_phase.iterdir():
        dataset = pydicom.dcmread(path)
        dataset.FrameOfReferenceUID = "2.25.1"
        dataset.SeriesInstanceUID = "2.25.2"
        dataset.SOPInstanceUID = dataset.SOPInstanceUID + ".1"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.NominalPercentageOfCardiacPhase = 99
        dataset.ScanOptions = "TP99PC900"
        dataset.SeriesDescription = "99 % 0.5 B30f"
        dataset.save_as(path)
    mixed = tmp_path / "mixed"
    shutil.copytree(study, mixed)
    shutil.copytree(one_phase, mixed / "other")
    strict = scanserve("ccta", mixed, "--strict", "--out", tmp_path / "strict")
    assert strict.returncode != 0
    assert "mixed-frames-of-reference" in strict.stderr
    assert not (tmp_path / "strict").exists()
    process = scanserve("ccta", mixed, "--out", tmp_path / "out")
    assert process.returncode == 0, process.stderr
    study_found = json.loads((tmp_path / "out" / "result.json").read_text())["study"]
    reasons = [reason["code"] for entry in study_found["left_out"] for reason in entry["reasons"]]
    assert "mixed-frames-of-reference" in reasons
    assert not any(phase["label"] == "99 %" for phase in study_found["phases"])


def test_no_contrast(one_phase: Path, tmp_path: Path) -> None:
    import pydicom

    for path in one_phase.iterdir():
        dataset = pydicom.dcmread(path)
        stored = np.minimum(dataset.pixel_array, 1024 + 60).astype(np.uint16)
        dataset.PixelData = stored.tobytes()
        dataset.save_as(path)
    process = scanserve("ccta", one_phase, "--out", tmp_path / "out")
    _fails(process, "ineligible", tmp_path / "out")
    assert "no-contrast" in process.stderr


def test_real_heart_ct_is_refused_and_runs_with_an_override(shared_data: Path, tmp_path: Path) -> None:
    heart = shared_data / "heart_ct_1p5mm"
    refused = scanserve("ccta", heart, "--out", tmp_path / "out")
    _fails(refused, "ineligible", tmp_path / "out")
    assert "slices-too-thick" in refused.stderr

    run = scanserve("ccta", heart, "--out", tmp_path / "out", "--override-eligibility", "trying it out")
    assert run.returncode == 0, run.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["study"]["override"] == "trying it out"
    assert result["study"]["eligible"] is False
    trees = [phase["tree"] for vessel in result["vessels"] for phase in vessel["phases"] if phase["tree"]]
    assert trees  # else the next assertion would say nothing
    points = np.concatenate([tree["points_mm"] for tree in trees])
    assert _distance_to_blood(heart, points).max() <= 15.0


def _distance_to_blood(heart: Path, points: np.ndarray) -> np.ndarray:
    """How far (mm) each point is from the largest contrast-filled space: the heart's chambers and great vessels."""
    from scanserve.preprocessing import read_study

    volume = read_study(heart).phases[0].load()
    blood = ndimage.binary_opening((volume.hu > 180) & (volume.hu < 700), iterations=3)
    part, _ = ndimage.label(blood)
    largest = part == np.bincount(part.ravel())[1:].argmax() + 1
    distance = ndimage.distance_transform_edt(~largest, sampling=volume.grid.spacing[::-1])
    index = np.rint(volume.grid.to_index(points)).astype(int)
    assert (index >= 0).all()
    assert (index < volume.hu.shape).all()
    return distance[tuple(index.T)]
