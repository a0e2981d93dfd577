"""Two thousand damaged studies: each is read, or refused by a code; none hangs, speaks by itself or becomes nothing.

The cases are the same in every run, so that a failure is found again.  ``SCANSERVE_DAMAGED=10`` tries ten times as
many, and others each time.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import datetime, timezone

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from scanserve.client.dat.nmseries import Derived, derive
from scanserve.contracts import NOT_FOR_DIAGNOSIS, StudyError
from scanserve.contracts.codes import ERRORS
from scanserve.preprocessing import read_study, read_tomograms
from scanserve.preprocessing.radiograph import read_films
from tests.support import ct_factory, dat_samples, film_factory
from tests.support.damage import Template, damages

STUDY_CODES = {code for section in ERRORS if section.error is StudyError for code in section.entries}
#: Seconds that a damaged study of a few kilobytes takes at most, on a busy machine.
PATIENCE = 20
SLICES, SIDE = 5, 40
TIMES = int(os.environ.get("SCANSERVE_DAMAGED", "1"))
WITHIN = settings(
    deadline=None,
    derandomize=TIMES == 1,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@contextmanager
def _refusing():
    """Refusals are coded, printable and in time."""
    start, refusal = time.monotonic(), None
    try:
        yield
    except StudyError as error:
        refusal = error
    if refusal is not None:
        assert refusal.code in STUDY_CODES
        assert refusal.message.isprintable()
        assert len(refusal.message) < 2000
    assert time.monotonic() - start < PATIENCE


def _written_ct(folder, syntax):
    """A study of one series in a transfer syntax, or of one multi-frame file; files by name."""
    folder.mkdir()
    stored = ct_factory.pixels(SLICES, SIDE, SIDE)
    if syntax == "enhanced":
        ct_factory.write_enhanced(folder / "IM0000", stored, [0.5 * index for index in range(SLICES)])
    else:
        ct_factory.write_series(folder, stored, PixelRepresentation=0, PixelPaddingValue=0)
    for file in folder.iterdir():
        if syntax in (ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian):
            ct_factory.recode(file, file, syntax)
        elif syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
            dataset = pydicom.dcmread(file)
            dataset.compress(syntax, generate_instance_uid=False)
            dataset.save_as(file)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize(
    ("syntax", "cases"),
    [
        ("explicit", 400),
        ("enhanced", 200),
        (ImplicitVRLittleEndian, 100),
        (ExplicitVRBigEndian, 100),
        (DeflatedExplicitVRLittleEndian, 100),
        (RLELossless, 200),
        (JPEGLSLossless, 100),
        (JPEG2000Lossless, 100),
    ],
)
def test_damaged_ct(tmp_path, capfd, syntax, cases):
    files = _written_ct(tmp_path / "study", syntax)
    name = sorted(files)[len(files) // 2]
    path = tmp_path / "study" / name

    @settings(WITHIN, max_examples=cases * TIMES)
    @given(damages(Template.of(files[name])))
    def read(damage):
        path.write_bytes(damage(files[name]))
        with _refusing():
            for phase in read_study(tmp_path / "study").phases:
                hu = phase.load().hu
                assert hu.min() < hu.max()

    read()
    assert capfd.readouterr() == ("", "")


def test_damaged_nm_is_read_and_written(tmp_path, capfd):
    dat_samples.write_study(tmp_path / "study", dat_samples.counts()[2:7, 48:80, 48:80])
    path = tmp_path / "study" / "1.dcm"
    whole = path.read_bytes()

    @settings(WITHIN, max_examples=700 * TIMES)
    @given(damages(Template.of(whole)), st.integers(0, 2))
    def read_and_write(damage, first):
        path.write_bytes(damage(whole))
        with _refusing():
            for tomogram in read_tomograms(tmp_path / "study").tomograms:
                counts = tomogram.load()
                assert counts.min() >= 0
                assert 0 < counts.max() < np.inf
                part = counts[first : first + 3]
                made = derive(
                    tomogram,
                    part,
                    first,
                    Derived("Filter", True, 1, "0", NOT_FOR_DIAGNOSIS),
                    datetime.now(timezone.utc),
                )
                made.save_as(tmp_path / "made.dcm", enforce_file_format=True)
                _check_written(tmp_path / "made.dcm", part)

    read_and_write()
    assert capfd.readouterr() == ("", "")


def _lut():
    item = pydicom.Dataset()
    item.LUTDescriptor, item.LUTData = [4096, 0, 16], np.arange(4096, dtype=np.uint16).tobytes()
    item["LUTData"].VR = "OW"
    return [item]


@pytest.mark.parametrize(
    ("syntax", "changes", "cases"),
    [
        ("explicit", {}, 250),
        (
            "explicit",
            {"VOILUTSequence": _lut(), "ModalityLUTSequence": _lut(), "PixelAspectRatio": [1, 1]},
            250,
        ),
        (ImplicitVRLittleEndian, {"VOILUTSequence": _lut(), "RescaleSlope": 1, "RescaleIntercept": 0}, 150),
        (RLELossless, {}, 100),
        (JPEG2000Lossless, {}, 100),
    ],
)
def test_damaged_films(tmp_path, capfd, syntax, changes, cases):
    film_factory.write(tmp_path / "study", values=film_factory.shown((48, 32)), **changes)
    path = tmp_path / "study" / "film.dcm"
    if syntax == ImplicitVRLittleEndian:
        ct_factory.recode(path, path, syntax)
    elif syntax != "explicit":
        ds = pydicom.dcmread(path)
        ds.compress(syntax, generate_instance_uid=False)
        ds.save_as(path)
    whole = path.read_bytes()

    @settings(WITHIN, max_examples=cases * TIMES)
    @given(damages(Template.of(whole)))
    def read(damage):
        path.write_bytes(damage(whole))
        with _refusing():
            for film in read_films(tmp_path / "study").films:
                image = film.load()
                assert np.isfinite(image.values).all()
                assert 0 <= image.values.min() <= image.values.max() <= 1
                assert image.values.shape == film.shape
                assert film.scale is None or min(film.scale.pixel) > 0

    read()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_damaged_pictures(tmp_path, capfd, ending):
    (tmp_path / "study").mkdir()
    path = tmp_path / "study" / f"film.{ending}"
    Image.fromarray(np.rint(film_factory.shown((48, 32)) * 255).astype(np.uint8)).save(path)
    whole = path.read_bytes()

    @settings(WITHIN, max_examples=150 * TIMES)
    @given(damages(Template(whole, ((16, 12), (120, 40)))))
    def read(damage):
        path.write_bytes(damage(whole))
        with _refusing():
            for film in read_films(tmp_path / "study", pictures=True, aspect=1.0).films:
                assert np.isfinite(film.load().values).all()

    read()
    assert capfd.readouterr() == ("", "")


def _check_written(path, counts):
    """What was written is read strictly, and its counts are those that were given."""
    with pydicom.config.strict_reading():
        for element in pydicom.dcmread(path).iterall():
            assert "nan" not in str(element.value).lower() or element.VR in (
                "LO",
                "PN",
                "SH",
                "LT",
                "ST",
                "UT",
            )
    if counts.any():
        (again,) = read_tomograms(path).tomograms
        assert again.load() == pytest.approx(counts, abs=float(counts.max()) / 5000)
