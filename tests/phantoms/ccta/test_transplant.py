import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pydicom
import pytest
from typer.testing import CliRunner

from scanserve.contracts import InputError, StudyError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta import Anatomy, host, render, render_points, write_study
from scanserve.phantoms.ccta.command import app
from scanserve.phantoms.ccta.dicom import Series, slice_dataset
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.matching import UNENHANCED
from scanserve.phantoms.ccta.pose import BASE
from scanserve.phantoms.ccta.ranges import PLAIN, TRAINING, replace_group
from scanserve.phantoms.ccta.surface import distance_to
from scanserve.phantoms.ccta.transplant import host_of, read_host, unenhanced_host_of
from scanserve.preprocessing import Volume, check_eligibility, read_study
from tests.support import ct_factory as dicom_factory

#: Where the made-up CT has what the phantom calls its isocentre, mm.
PLACE = np.array([30.0, -170.0, 640.0])
SMALL = Grid.centred((12, 30, 30), (5.0, 5.0, 10.0))


@lru_cache
def donor() -> Anatomy:
    """The heart in the made-up CT; its own arteries thin enough to be painted over."""
    return Anatomy.sample(11, replace_group(PLAIN, "bolus", right_share=(0.8, 0.8)))


@lru_cache
def made() -> Host:
    """The host of a CT that is another phantom, 2 mm a voxel, put elsewhere."""
    grid = Grid.centred((70, 96, 96), 2.0, (0, 0, 8))
    hu = np.rint(render(donor(), 70, grid)).astype(np.int16)
    return host_of(Volume(hu, grid.moved(PLACE)))


@lru_cache
def dark() -> Host:
    """The host of the same CT before the contrast medium was given."""
    bolus = UNENHANCED.ranges.bolus
    unseen = Anatomy.sample(11, replace(PLAIN, bolus=bolus))
    grid = Grid.centred((70, 96, 96), 2.0, (0, 0, 8))
    hu = np.rint(render(unseen, 70, grid)).astype(np.int16)
    return unenhanced_host_of(Volume(hu, grid.moved(PLACE)))


def test_a_heart_without_contrast_is_found_by_its_outline():
    assert dark().pose.base == pytest.approx(BASE)
    isocentre = np.array([-96.0 + 1, -96.0 + 1, -70.0 + 9]) + PLACE - dark().grid.origin
    assert isocentre - PLACE == pytest.approx(donor().pose.base - BASE, abs=8)
    assert dark().pose.size == pytest.approx(donor().pose.size, rel=0.1)
    assert dark().fat_hu == pytest.approx(donor().contrast.fat, abs=25)
    assert dark().blood_hu is None


def test_vessels_in_a_dark_heart_are_as_bright_as_drawn():
    anatomy = Anatomy.sample(3, PLAIN, dark())
    assert anatomy.contrast.aorta == Anatomy.sample(3, PLAIN).contrast.aorta
    main = anatomy.vessel("LAD").at(70)[0]
    bright = np.median(render_points(anatomy, 70, main.points[main.radii > 1.2]))
    assert bright == pytest.approx(anatomy.contrast.aorta, rel=0.2)


def test_patients_in_one_ct_have_one_heart():
    hearts = {Anatomy.sample(seed, PLAIN, host).heart for seed in (3, 4) for host in (made(), dark())}
    assert hearts == {f"ct-{made().digest}", f"ct-{dark().digest}"}
    assert Anatomy.sample(3, PLAIN).heart == "plain-3"


def test_the_heart_is_found_where_it_lies():
    isocentre = np.array([-96.0 + 1, -96.0 + 1, -70.0 + 9]) + PLACE - made().grid.origin
    assert isocentre - PLACE == pytest.approx(donor().pose.base - BASE, abs=5)
    assert made().pose.base == pytest.approx(BASE)
    assert made().pose.size == pytest.approx(donor().pose.size, rel=0.06)
    turn = np.degrees(np.arccos(np.clip((made().pose.axes * donor().pose.axes).sum(1), -1, 1)))
    assert turn.max() < 15
    assert made().blood_hu == pytest.approx(donor().contrast.aorta, rel=0.05)
    assert made().fat_hu == pytest.approx(donor().contrast.fat, abs=25)


def test_vessels_start_at_the_measured_aorta_and_lie_outside_the_walls():
    anatomy = Anatomy.sample(3, TRAINING, made())
    assert anatomy.contrast.aorta == made().blood_hu
    for vessel in anatomy.vessels:
        main = vessel.branches[0]
        assert abs(distance_to((made().walls.aorta,), main.points[:1])[0]) < 1.5
        for percent in (0, 35):
            inside = distance_to(made().walls.outside, vessel.positions(0, percent)[0][24:]) < 0
            assert inside.mean() < 0.2


def test_the_image_is_the_ct_but_for_the_vessels():
    anatomy = Anatomy.sample(3, PLAIN, made())
    main = anatomy.vessel("RCA").at(70)[0]
    thick = main.points[main.radii > 1.2]
    assert np.median(render_points(anatomy, 70, thick)) == pytest.approx(made().blood_hu, rel=0.2)
    every = np.concatenate([b.points for v in anatomy.vessels for b in v.at(70)])
    places = every.mean(0) + np.random.default_rng(0).uniform(-70, 70, (4000, 3))
    away = places[np.linalg.norm(places[:, None] - every[None, ::4], axis=-1).min(1) > 12]
    hu = render_points(anatomy, 70, away)
    assert hu == pytest.approx(made().background_points(away.astype(np.float32)), abs=1e-3)


def test_the_study_says_that_its_background_is_real(tmp_path):
    out = write_study(tmp_path / "s", 3, 1, grid=SMALL, ranges=TRAINING, host=made())
    truth = json.loads((out / "truth.json").read_text())
    assert truth["background"] == "real CT"
    assert truth["heart"] == f"ct-{made().digest}"
    assert truth["ranges"] == "training"
    ds = pydicom.dcmread(next((out / "phase_0").iterdir()))
    assert ds.PatientID == f"PHANTOM-3-training-real-{made().digest[:8]}"
    assert "CT of a patient" in ds.DerivationDescription


def test_several_phases_are_no_single_volume(tmp_path):
    write_study(tmp_path / "s", 7, 2, grid=SMALL)
    with pytest.raises(StudyError) as caught:
        read_host(tmp_path / "s")
    assert caught.value.code == "not-one-volume"


def test_a_folder_without_ct_is_refused(tmp_path):
    (tmp_path / "note").write_text("no image")
    with pytest.raises(StudyError) as caught:
        read_host(tmp_path)
    assert caught.value.code == "no-ct"


def test_a_place_outside_the_ct_is_refused_by_the_command(tmp_path):
    dicom_factory.write_series(tmp_path / "ct", dicom_factory.pixels(12, 16, 16))
    options = ["--into", str(tmp_path / "ct"), "--at", "0", "0", "999", "--out", str(tmp_path / "s")]
    done = CliRunner().invoke(app, options)
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "place-outside"
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("option", [["--at", "0", "0", "0"], ["--unenhanced"]])
def test_what_is_said_of_a_ct_needs_one(tmp_path, option):
    done = CliRunner().invoke(app, [*option, "--out", str(tmp_path / "s")])
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "at-without-into"


@pytest.mark.shared_data
def test_vessels_in_a_real_heart(shared_data, tmp_path, monkeypatch):
    folder = shared_data / "heart_ct_1p5mm"
    if not folder.is_dir():
        pytest.skip("no real heart beside the checkout")
    real = read_host(folder)
    assert 350 < real.blood_hu < 600
    anatomy = Anatomy.sample(2, TRAINING, real)
    for vessel in anatomy.vessels:
        for index, branch in enumerate(vessel.branches):
            for percent in (0, 35):
                depth = distance_to(real.walls.outside, vessel.positions(index, percent)[0])
                assert (depth[24:] < 0).mean() < 0.25, (vessel.abbreviation, branch.name)
    monkeypatch.setattr(host, "HOST_SHAPE", (142, 180, 180))
    monkeypatch.setattr(host, "HOST_SPACING", (0.97, 0.97, 0.93))
    out = write_study(tmp_path / "s", 2, 1, ranges=TRAINING, host=real)
    phase = read_study(out).phases[0]
    assert check_eligibility(phase, phase.load()) == ()
    original = pydicom.dcmread(next(folder.iterdir()), stop_before_pixels=True)
    written = pydicom.dcmread(next((out / "phase_0").iterdir()), stop_before_pixels=True)
    for name in ("StudyInstanceUID", "FrameOfReferenceUID", "SeriesInstanceUID", "PatientID"):
        assert str(getattr(original, name, "?")) != str(getattr(written, name))
    assert "heart_ct" not in (out / "truth.json").read_text()


@pytest.mark.shared_data
def test_the_outline_of_a_real_heart_without_contrast_is_found(shared_data):
    folder = shared_data / "hosts" / "v_plain_chest"
    if not folder.is_dir():
        pytest.skip("no unenhanced chest beside the checkout")
    real = read_host(folder, (25, -10, 88), unenhanced=True)
    first = read_study(folder).phases[0].load().grid.origin
    # where the outline fits the slices, judged by eye
    assert BASE + first - real.grid.origin == pytest.approx([37, -6, 82], abs=8)
    assert real.blood_hu is None
    assert -110 < real.fat_hu < -60


def test_the_same_vessels_in_two_cts_are_two_patients():
    names = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID")
    series = [Series(3, 50.0, 100, SMALL, 900.0, "training", ct.digest) for ct in (made(), dark())]
    one, other = (slice_dataset(each, np.zeros((30, 30), np.uint16), 0, 1) for each in series)
    assert all(one[name].value != other[name].value for name in names)
