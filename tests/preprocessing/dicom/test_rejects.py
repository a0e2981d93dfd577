from scanserve.preprocessing.dicom import Rejects


def _rejects() -> Rejects:
    rejects = Rejects()
    rejects.add("a", "are small", ["1"])
    rejects.add("b", "belong to others", ["3", "2"])
    rejects.add("c", "are none", [])
    return rejects


def test_rejects_are_grouped_by_reason_largest_first():
    groups = _rejects().groups()
    assert [(group.files, group.code) for group in groups] == [(2, "b"), (1, "a")]
    assert [group.message for group in groups] == ["2 files belong to others.", "1 file is small."]


def test_a_reason_added_twice_is_one_group():
    rejects = _rejects()
    rejects.add("a", "are small", ["0"])
    assert [group.files for group in rejects.groups()] == [2, 2]


def test_summary_names_the_largest_groups():
    assert _rejects().summary() == "2 files belong to others. 1 file is small"
    assert _rejects().summary(1) == "2 files belong to others"
