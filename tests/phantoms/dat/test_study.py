import json

import numpy as np
import pydicom
import pytest
from typer.testing import CliRunner

from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError
from scanserve.phantoms.dat import make_slices, write_study
from scanserve.phantoms.dat.command import app
from scanserve.preprocessing import read_tomograms
from scanserve.preprocessing.dat import check_acquisition, choose_short, notes_on, select_slices

SEED = 5


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("brain") / "study", SEED)


def test_it_is_read_as_a_short_and_a_long_acquisition(study):
    found = read_tomograms(study)
    assert [tomogram.minutes for tomogram in found.tomograms] == pytest.approx([5, 25])
    short = choose_short(found.tomograms)
    check_acquisition(short)
    assert notes_on(short) == ()
    assert short.shape[1:] == (128, 128)


def test_its_slices_are_those_to_learn_from(study):
    counts = choose_short(read_tomograms(study).tomograms).load()
    selection = select_slices(counts)
    assert selection.cut(counts) == pytest.approx(make_slices(SEED)["noisy"], abs=1e-3)


def test_the_object_says_what_it_is(study):
    ds = pydicom.dcmread(study / "short.dcm")
    assert list(ds.ImageType) == ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]
    tracer = ds.RadiopharmaceuticalInformationSequence[0]
    assert tracer.RadiopharmaceuticalCodeSequence[0].CodeValue == "429296007"
    assert len(ds.SliceVector) == ds.NumberOfSlices == ds.NumberOfFrames
    window = ds.EnergyWindowInformationSequence[0].EnergyWindowRangeSequence[0]
    assert window.EnergyWindowLowerLimit < 159 < window.EnergyWindowUpperLimit
    assert ds.ImageComments == NOT_FOR_DIAGNOSIS
    reference = pydicom.dcmread(study / "reference.dcm", stop_before_pixels=True)
    assert ds.StudyInstanceUID == reference.StudyInstanceUID
    assert ds.FrameOfReferenceUID == reference.FrameOfReferenceUID
    assert ds.SeriesInstanceUID != reference.SeriesInstanceUID


def test_the_truth_knows_the_slices_and_the_structures(study):
    truth = json.loads((study / "truth.json").read_text())
    selection = select_slices(choose_short(read_tomograms(study).tomograms).load())
    assert truth["selection"] == {"first": selection.first, "row": 32, "column": 32}
    assert (truth["kind"], truth["notice"]) == ("scanserve.dat.truth", NOT_FOR_DIAGNOSIS)
    depth = truth["shape_zyx"][0]
    for structure in truth["structures"].values():
        z = np.array(structure["voxels"]) // 128**2
        assert 0 <= z.min() <= z.max() < depth
    assert 0 <= truth["grade"] <= 3


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "thesis").touch()
    with pytest.raises(InputError) as caught:
        write_study(tmp_path, SEED)
    assert caught.value.code == "out-not-empty"


def test_the_command_says_where_it_is_and_that_it_is_no_diagnosis(tmp_path):
    done = CliRunner().invoke(app, ["--out", str(tmp_path / "s"), "--seed", "3"])
    assert done.exit_code == 0, done.exception
    assert "seed 3" in done.stdout
    assert "not for diagnosis" in " ".join(done.stdout.split())
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"short.dcm", "reference.dcm", "truth.json"}
