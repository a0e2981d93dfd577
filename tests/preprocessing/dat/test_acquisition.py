from dataclasses import replace
from pathlib import Path

import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing import Tomogram
from scanserve.preprocessing.dat import check_acquisition, choose_short, notes_on
from scanserve.preprocessing.dicom import PixelFormat
from scanserve.preprocessing.nm.scale import Scale

SHORT = Tomogram(
    root=Path(),
    file="a",
    sop_uid="1",
    series_uid="2",
    study_uid="3",
    series_number=1,
    description="",
    shape=(60, 128, 128),
    spacing_mm=(3.29, 3.29, 3.29),
    thickness_mm=3.29,
    step_mm=3.29,
    orientation=(1, 0, 0, 0, 1, 0),
    minutes=5.0,
    scale=Scale(),
    pixel_format=PixelFormat("1.2.840.10008.1.2.1", 16, 16, False, 0, 0, 0),
    position=(0, 0, 0),
)
LONG = replace(SHORT, series_number=2, minutes=25.0)


def code_of(function, *arguments):
    with pytest.raises(StudyError) as caught:
        function(*arguments)
    return caught.value.code


def test_the_short_tomogram_is_chosen_among_several():
    assert choose_short([LONG, SHORT]) is SHORT
    assert choose_short([LONG]) is LONG
    assert choose_short([LONG, SHORT], 2) is LONG


def test_what_is_not_clear_is_refused():
    assert code_of(choose_short, [SHORT, replace(SHORT, series_number=3)]) == "several-series"
    assert code_of(choose_short, [LONG, replace(LONG, minutes=None)]) == "several-series"
    assert code_of(choose_short, [LONG, SHORT], 7) == "unknown-series"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"shape": (60, 64, 64)}, "wrong-matrix"),
        ({"spacing_mm": (3.29, 4.5, 4.5)}, "wrong-pixel-size"),
        ({"spacing_mm": (6.6, 3.29, 3.29)}, "wrong-pixel-size"),
        ({"shape": (4, 128, 128)}, "too-few-slices"),
        ({"orientation": (1, 0, 0, 0, 0, -1)}, "not-transaxial"),
    ],
)
def test_what_the_networks_are_not_for_is_refused(change, code):
    assert code_of(check_acquisition, replace(SHORT, **change)) == code


def test_what_may_be_restored_passes():
    check_acquisition(SHORT)
    check_acquisition(replace(SHORT, spacing_mm=(None, 3.3, 3.3), orientation=None))


def test_what_a_reader_should_know_is_noted():
    assert notes_on(SHORT) == ()
    assert [note.code for note in notes_on(LONG)] == ["other-duration"]
    unknown = replace(SHORT, minutes=None, orientation=None)
    assert [note.code for note in notes_on(unknown)] == ["duration-unknown", "orientation-assumed"]


def test_a_distance_of_slices_that_is_not_said_is_noted():
    spacing = (None, 3.29, 3.29)
    assumed = replace(SHORT, spacing_mm=spacing)
    assert [note.code for note in notes_on(assumed)] == ["slice-spacing-assumed"]
    unknown = replace(assumed, thickness_mm=None, step_mm=None)
    assert [note.code for note in notes_on(unknown)] == ["place-unknown"]
    assert [note.code for note in notes_on(replace(SHORT, position=None))] == ["place-unknown"]
