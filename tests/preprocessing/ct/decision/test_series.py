from dataclasses import replace

from scanserve.preprocessing.ct.decision.series import parts_of, series_name
from tests.support.ct_slices import ct_slice, series


def _sizes(slices) -> list[int]:
    return sorted(len(part.slices) for part in parts_of(slices))


def _own_uids(slices):
    return [replace(image, series_uid=f"1.{image.file}") for image in slices]


def test_series_stay_apart():
    assert _sizes([*series(6, name="a"), *series(4, name="b", series_uid="1.9")]) == [4, 6]


def test_slices_with_a_series_each_are_one_series():
    assert _sizes(_own_uids(series(12))) == [12]
    without_number = [replace(image, series_number=None) for image in _own_uids(series(12))]
    assert _sizes(without_number) == [12]
    numbered = [replace(image, series_number=index) for index, image in enumerate(_own_uids(series(12)))]
    assert _sizes(numbered) == [12]


def test_lone_slices_that_differ_are_not_joined():
    sharp = [replace(image, kernel="B46f") for image in _own_uids(series(3, name="sharp"))]
    assert _sizes([*_own_uids(series(5, series_number=4)), *sharp]) == [3, 5]


def test_series_that_continue_each_other_are_one():
    low, high = series(5, name="a"), series(5, name="b", series_uid="1.9")
    high = [replace(image, position=(0.0, 0.0, image.position[2] + 2.5)) for image in high]
    assert _sizes([*low, *high]) == [10]
    away = [replace(image, position=(0.0, 0.0, image.position[2] + 5.0)) for image in high]
    assert _sizes([*low, *away]) == [5, 5]
    other = [replace(image, series_number=9) for image in high]
    assert _sizes([*low, *other]) == [5, 5]


def test_series_at_the_same_places_are_not_joined():
    assert _sizes([*series(5, name="a"), *series(5, name="b", series_uid="1.9")]) == [5, 5]


def test_projections_in_a_series_are_a_part_of_their_own():
    mips = series(4, name="m", image_type=("DERIVED", "SECONDARY", "MIP"))
    assert _sizes([*series(6), *mips]) == [4, 6]


def test_original_and_derived_slices_of_one_volume_stay_together():
    derived = series(3, name="d", image_type=("DERIVED", "PRIMARY", "AXIAL"))
    assert _sizes([*derived, *series(6, image_type=("ORIGINAL", "PRIMARY", "AXIAL"))[3:]]) == [6]


def test_other_layouts_are_strays_or_parts():
    (part,) = parts_of([*series(12), *series(9, name="w", pixel_spacing=(0.7, 0.7))])
    assert (len(part.slices), len(part.strays)) == (12, 9)
    assert _sizes([*series(12), *series(10, name="w", pixel_spacing=(0.7, 0.7))]) == [10, 12]


def test_a_series_is_called_by_its_commonest_number():
    assert series_name(series(3)) == "series 3"
    assert series_name([*series(3), ct_slice(series_number=9)]) == "series 3"
    assert series_name([ct_slice(series_number=None)]) == "series without a number"
