import json

import numpy as np
import pydicom
import pytest
from typer.testing import CliRunner

from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError
from scanserve.phantoms.spine import make_film, write_study
from scanserve.phantoms.spine.command import app
from scanserve.preprocessing.radiograph import read_films
from scanserve.preprocessing.spine import check_film, choose_film, show

ROWS = 700


@pytest.fixture(scope="module", params=[5, 8])
def study(request, tmp_path_factory):
    seed = request.param
    return seed, write_study(tmp_path_factory.mktemp("spine") / "study", seed, rows=ROWS)


def test_it_is_read_as_a_frontal_film_that_shows_what_was_drawn(study):
    seed, folder = study
    film = choose_film(read_films(folder).films)
    check_film(film)
    assert film.view in ("AP", "PA")
    assert film.scale.source == "detector"
    drawn = make_film(seed, rows=ROWS).grey
    np.testing.assert_allclose(show(film).image.values, drawn, atol=2 / 4095)


def test_the_truth_is_that_of_the_film(study):
    seed, folder = study
    truth = json.loads((folder / "truth.json").read_text())
    film = make_film(seed, rows=ROWS)
    assert (truth["kind"], truth["notice"], truth["seed"]) == (
        "scanserve.spine.truth",
        NOT_FOR_DIAGNOSIS,
        seed,
    )
    np.testing.assert_allclose(truth["points"], film.points, atol=1e-3)
    assert truth["outside"] == film.outside.tolist()
    assert (truth["rows"], truth["columns"]) == film.grey.shape
    ds = pydicom.dcmread(folder / "film.dcm", stop_before_pixels=True)
    assert float(ds.ImagerPixelSpacing[0]) == pytest.approx(truth["pixel_mm"])


def test_the_object_says_what_it_is(study):
    ds = pydicom.dcmread(study[1] / "film.dcm", stop_before_pixels=True)
    assert (ds.Modality, ds.BodyPartExamined) == ("DX", "SPINE")
    assert ds.PatientOrientation[1] == "F"
    assert ds.ImageComments == NOT_FOR_DIAGNOSIS
    assert ds.PhotometricInterpretation in ("MONOCHROME1", "MONOCHROME2")


def test_both_photometric_interpretations_occur(tmp_path):
    found = set()
    for seed in (0, 16):
        folder = write_study(tmp_path / str(seed), seed, rows=512)
        found.add(pydicom.dcmread(folder / "film.dcm", stop_before_pixels=True).PhotometricInterpretation)
    assert found == {"MONOCHROME1", "MONOCHROME2"}


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "thesis").touch()
    with pytest.raises(InputError) as caught:
        write_study(tmp_path, 1, rows=512)
    assert caught.value.code == "out-not-empty"


def test_the_command_says_where_it_is_and_that_it_is_no_diagnosis(tmp_path):
    done = CliRunner().invoke(app, ["--out", str(tmp_path / "s"), "--seed", "3", "--rows", "512"])
    assert done.exit_code == 0, done.exception
    assert "seed 3" in done.stdout
    assert "not for diagnosis" in " ".join(done.stdout.split())
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"film.dcm", "truth.json"}
