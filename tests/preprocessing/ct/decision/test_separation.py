from itertools import count

import pytest

from scanserve.preprocessing.ct.decision.separation import separate
from scanserve.preprocessing.ct.decision.series import parts_of
from tests.support.ct_candidates import never_same
from tests.support.ct_slices import ct_slice, series

_NAMES = count(1)


def _stack(size: int = 12, tags=None, **settings):
    first = settings.pop("first", 1)
    name = f"s{next(_NAMES)}-"
    return [
        ct_slice(0.5 * index, f"{name}{index}", tags=tags, instance=first + index, **settings)
        for index in range(size)
    ]


def _groups(slices, same=never_same):
    (groups,) = separate(parts_of(slices), same)
    return groups


def _always_same(first, other) -> bool:
    return True


def test_one_stack_stays_as_it_is():
    (group,) = _groups(_stack())
    assert (len(group.slices), group.told, group.untagged, group.unclear) == (12, None, (), False)


def test_reconstructions_are_told_apart_before_phases():
    slices = [
        image
        for percent in (40.0, 70.0)
        for kernel in ("B26f", "B46f")
        for image in _stack(tags={"nominal_percent": percent}, kernel=kernel)
    ]
    groups = _groups(slices)
    assert len(groups) == 4
    for group in groups:
        assert len({(image.kernel, image.phase_tags) for image in group.slices}) == 1


def test_a_kernel_that_differs_by_slab_is_no_reconstruction():
    slices = _stack()
    mixed = [*slices[:6], *_stack(kernel="B46f")[6:]]
    assert len(_groups(mixed)) == 1


def test_phases_of_two_acquisitions_are_told_apart_twice():
    slices = [
        image
        for acquisition in (1, 2)
        for percent in (40.0, 60.0, 75.0)
        for image in _stack(tags={"nominal_percent": percent, "acquisition": acquisition})
    ]
    groups = _groups(slices)
    assert [len(group.slices) for group in groups] == [12] * 6
    assert {group.told.source for group in groups} == {"AcquisitionNumber"}


def test_the_source_of_most_of_the_study_is_used():
    """Both sources split the first series alike; only one of them splits the second."""
    both = [image for n in (1, 2) for image in _stack(tags={"temporal_index": n, "temporal_position": n})]
    second = [image for n in (1, 2) for image in _stack(tags={"temporal_position": n}, series_uid="1.9")]
    stacks = separate(parts_of([*both, *second]), never_same)
    assert {group.told.source for groups in stacks for group in groups} == {"TemporalPositionIdentifier"}


def test_slices_in_no_group_are_accounted_for_once():
    slices = [*_stack(tags={"trigger_ms": 300.0}), *_stack(tags={"trigger_ms": 600.0}), ct_slice(9.0, "x")]
    assert [[image.file for image in group.untagged] for group in _groups(slices)] == [["x"], []]


def test_copies_stay_together_and_others_are_unclear():
    slices = [*_stack(), *_stack(4)]
    (copies,) = _groups(slices, _always_same)
    (unclear,) = _groups(slices)
    assert (len(copies.slices), copies.unclear) == (16, False)
    assert (len(unclear.slices), unclear.unclear) == (16, True)


def test_copies_that_differ_in_their_time_alone_are_no_phases():
    slices = [*_stack(tags={"content_time": 1.0}), *_stack(tags={"content_time": 2.0})]
    assert len(_groups(slices, _always_same)) == 1
    assert [group.told.source for group in _groups(slices)] == ["ContentTime", "ContentTime"]


def test_the_order_of_instances_is_the_last_resort():
    groups = _groups([*_stack(), *_stack(first=100)])
    assert [(group.told.source, group.told.number, group.told.count) for group in groups] == [
        ("", 1, 2),
        ("", 2, 2),
    ]


@pytest.mark.parametrize(("strays", "sizes"), [(3, [15, 12]), (5, [12, 12, 5])])
def test_strays_of_a_part_with_several_stacks(strays, sizes):
    slices = [*_stack(tags={"trigger_ms": 300.0}), *_stack(tags={"trigger_ms": 600.0})]
    others = series(strays, name="stray", pixel_spacing=(0.7, 0.7))
    assert [len(group.slices) for group in _groups([*slices, *others])] == sizes
