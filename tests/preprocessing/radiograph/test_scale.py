import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.radiograph import read_films
from tests.support import film_factory


def scale_of(folder, **settings):
    return read_films(film_factory.write(folder, **settings)).films[0].scale


@pytest.mark.parametrize(
    ("changes", "source", "pixel"),
    [
        ({}, "detector", (0.2, 0.2)),
        ({"PixelSpacing": [0.17, 0.17]}, "patient", (0.17, 0.17)),
        ({"PixelSpacing": [0.2, 0.2]}, "detector", (0.2, 0.2)),
        ({"ImagerPixelSpacing": None}, "standard", (1, 1)),
        ({"ImagerPixelSpacing": None, "PixelAspectRatio": [4, 3]}, "ratio", (4, 3)),
        ({"ImagerPixelSpacing": None, "NominalScannedPixelSpacing": [0.1, 0.1]}, "scanner", (0.1, 0.1)),
    ],
)
def test_the_scale_is_what_the_header_states(tmp_path, changes, source, pixel):
    scale = scale_of(tmp_path, **changes)
    assert (scale.source, scale.pixel) == (source, pytest.approx(pixel))
    assert scale.in_mm == (source in ("detector", "patient", "scanner"))


def test_a_capture_that_states_nothing_has_none(tmp_path):
    assert scale_of(tmp_path, kind="SC", ImagerPixelSpacing=None) is None


@pytest.mark.parametrize(
    "changes",
    [{"PixelSpacing": [0.2, 0.1]}, {"ImagerPixelSpacing": [0, 0.2]}, {"PixelAspectRatio": [1, 2]}],
)
def test_scales_that_are_none_or_contradict_each_other_are_refused(tmp_path, changes):
    with pytest.raises(StudyError) as refused:
        scale_of(tmp_path, **changes)
    assert refused.value.code == "no-film"
    assert "of a pixel" in refused.value.message
