import numpy as np
import pytest

from scanserve.client.dicom.capture import capture_object, with_banner
from scanserve.client.dicom.identity import Identity
from tests.support.dicom_content import content, png, write_study


def test_the_picture_stands_unchanged_below_a_banner():
    picture = with_banner(png(320, 60), "Not for diagnosis.")
    assert picture.shape[1:] == (320, 3)
    assert (picture[-60:] == (10, 200, 30)).all()


@pytest.mark.parametrize("width", [120, 320, 1500])
def test_letters_are_burnt_in_within_the_width(width):
    banner = with_banner(png(width, 10), "Research software. Not for diagnosis. " * 3)[:-10].astype(int)
    ink = np.abs(banner - banner[0, 0]).sum(axis=2) > 200
    assert ink.any()
    assert not ink[:, -2:].any()


def test_it_names_nobody_in_its_pixels(tmp_path):
    said = content(write_study(tmp_path))
    ds = capture_object(said, Identity.of(said), said.captures[0], 1)
    assert ds.BurnedInAnnotation == "NO"
    assert "not for diagnosis" in ds.SeriesDescription
    assert "FrameOfReferenceUID" not in ds
