import errno
import json

import numpy as np
import pydicom
import pytest
from typer.testing import CliRunner

from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError
from scanserve.phantoms.ccta import Acquisition, Anatomy, Grid, blur_mm, dicom, render, study, write_study
from scanserve.phantoms.ccta.command import app
from scanserve.phantoms.ccta.ranges import TRAINING

GRID = Grid.centred((12, 40, 40), (5.0, 5.0, 10.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("phantom") / "study"
    calls = []
    write_study(out, 7, 2, grid=GRID, progress=lambda *done: calls.append(done))
    assert calls == [(1, 2), (2, 2)]
    return out


def slices(folder, percent):
    return [pydicom.dcmread(path) for path in sorted((folder / f"phase_{percent}").iterdir())]


def test_slices_read_back_where_they_were(folder):
    found = slices(folder, 50)
    assert [ds.InstanceNumber for ds in found] == list(range(1, 13))
    heights = [float(ds.ImagePositionPatient[2]) for ds in found]
    assert heights != sorted(heights)
    assert np.diff(sorted(heights)) == pytest.approx(GRID.spacing[2])
    assert min(heights) == pytest.approx(GRID.origin[2])
    for ds in found:
        assert list(map(float, ds.ImagePositionPatient[:2])) == pytest.approx(GRID.origin[:2])
        assert list(map(float, ds.PixelSpacing)) == pytest.approx(GRID.spacing[:2])
        assert list(ds.ImageOrientationPatient) == [1, 0, 0, 0, 1, 0]


def test_pixels_are_the_rendered_phantom(folder):
    found = sorted(slices(folder, 50), key=lambda ds: float(ds.ImagePositionPatient[2]))
    hu = np.stack([ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in found])
    clean = render(Anatomy.sample(7), 50, GRID)
    inside = clean > -600
    assert (hu - clean)[inside].std() < 32
    assert abs((hu - clean)[inside].mean()) < 5


def test_phases_are_tagged_and_share_their_frame(folder):
    first, second = slices(folder, 0)[0], slices(folder, 50)[0]
    assert first.FrameOfReferenceUID == second.FrameOfReferenceUID
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SeriesInstanceUID != second.SeriesInstanceUID
    assert second.NominalPercentageOfCardiacPhase == 50
    assert second.ScanOptions.startswith("TP50PC")
    assert second.SeriesDescription.startswith("50 % ")
    assert second.ImageComments == NOT_FOR_DIAGNOSIS
    every = [ds.SOPInstanceUID for p in (0, 50) for ds in slices(folder, p)]
    assert len(set(every)) == len(every)
    assert all(uid.is_valid and uid.startswith("2.25.") for uid in every)


def test_truth_agrees_with_the_anatomy(folder):
    truth = json.loads((folder / "truth.json").read_text())
    anatomy = Anatomy.sample(truth["seed"])
    assert truth["percents"] == [0, 50]
    assert truth["background"] == "phantom"
    assert sorted(truth["order"]) == [0, 50]
    for told in truth["vessels"]:
        name = told["abbreviation"]
        tree = anatomy.vessel(name).at(50)
        for points, branch, about in zip(told["phases"][1]["points_mm"], tree, told["branches"], strict=True):
            assert points == pytest.approx(branch.points, abs=0.006)
            assert len(about["radii_mm"]) == len(points)
        blurs = {phase["percent"]: phase["blur_mm"] for phase in told["phases"]}
        assert blurs[50] == pytest.approx(blur_mm(anatomy, name, 50), abs=1e-3)
        assert told["order"] == sorted(blurs, key=blurs.get)
        sections = told["phases"][0]["section_blur_mm"]
        assert len(sections) == 20
        filled = [value for value in sections if value is not None]
        assert len(filled) == -(-len(tree[0].points) // 16)


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    again = write_study(tmp_path / "again", 7, 2, grid=GRID)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            assert (again / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(InputError) as caught:
        write_study(tmp_path, 7, 1, grid=GRID)
    assert caught.value.code == "out-not-empty"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EACCES, "out-not-writable")]
)
def test_a_failing_disk_gives_one_error_and_no_remains(tmp_path, monkeypatch, number, code):
    def fail(*_):
        raise OSError(number, "no")

    monkeypatch.setattr(dicom, "write_series", fail)
    with pytest.raises(InputError) as caught:
        write_study(tmp_path / "out", 7, 2, grid=GRID)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "phases", [0, 51, "many", "30-80", "80-30/5", "30-80/0", "30-100/10", "0-99/1", "0-0/0", "-3", ""]
)
def test_phases_have_limits(tmp_path, phases):
    with pytest.raises(InputError) as caught:
        write_study(tmp_path / "out", 7, phases)
    assert caught.value.code == "phases-invalid"


def test_phases_are_whole_percents():
    assert study.phase_percents(3) == [0, 33, 67]
    assert study.phase_percents(10) == study.phase_percents("10") == list(range(0, 100, 10))


def test_a_study_may_cover_a_part_of_the_beat(tmp_path):
    assert study.phase_percents("30-80/10") == [30, 40, 50, 60, 70, 80]
    assert study.phase_percents("60-80/15") == [60, 75]
    out = write_study(tmp_path / "part", 7, "70-75/5", grid=GRID)
    assert sorted(folder.name for folder in out.iterdir()) == ["phase_70", "phase_75", "truth.json"]
    assert json.loads((out / "truth.json").read_text())["percents"] == [70.0, 75.0]


def test_the_command_writes_a_study(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "SMALL", GRID)
    done = CliRunner().invoke(app, ["--out", str(tmp_path / "s"), "--phases", "1", "--small"])
    assert done.exit_code == 0, done.output
    assert "not for diagnosis" in " ".join(done.output.split())
    assert (tmp_path / "s" / "truth.json").exists()


def test_a_varied_study_is_another_patient_and_says_so(folder, tmp_path):
    out = write_study(tmp_path / "varied", 7, 1, grid=GRID, ranges=TRAINING)
    truth, plain = (json.loads((place / "truth.json").read_text()) for place in (out, folder))
    assert (truth["ranges"], plain["ranges"]) == ("training", "plain")
    anatomy = Anatomy.sample(7, TRAINING)
    assert truth["dominance"] == anatomy.dominance
    for told, vessel in zip(truth["vessels"], anatomy.vessels, strict=True):
        tree = vessel.at(0)
        assert told["ostium_mm"] == pytest.approx(tree[0].points[0], abs=0.006)
        assert told["phases"][0]["points_mm"][0] == pytest.approx(tree[0].points, abs=0.006)
        for lesion in told["lesions"]:
            first, last = lesion["points"]
            assert 0 <= first <= last < len(tree[0].points)
    ours, theirs = slices(out, 0)[0], slices(folder, 0)[0]
    assert ours.PatientID == "PHANTOM-7-training"
    assert ours.StudyInstanceUID != theirs.StudyInstanceUID


def test_without_a_shape_the_scan_is_the_population_s():
    varied, plain = Anatomy.sample(7, TRAINING), Anatomy.sample(7)
    assert study.grid_of(plain, Acquisition.sample(7)) == Grid.centred(study.SHAPE, study.SPACING)
    grid = study.grid_of(varied, Acquisition.sample(7, TRAINING))
    assert grid.shape[1:] == (512, 512)


def test_unknown_ranges_are_refused(tmp_path):
    done = CliRunner().invoke(app, ["--out", str(tmp_path / "s"), "--ranges", "wild"])
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "unknown-ranges"
