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


def test_what_is_no_file_is_called_what_it_is():
    rejects = Rejects()
    rejects.add("folder-not-listed", "could not be listed", ["1"], noun="folder")
    rejects.add("link-broken", "lead nowhere", ["2"], noun="link")
    assert {group.message for group in rejects.groups()} == {
        "1 folder could not be listed.",
        "1 link leads nowhere.",
    }


def test_what_may_belong_to_the_study_and_was_not_seen_is_a_warning():
    rejects = _rejects()
    rejects.add("unreadable", "could not be parsed as DICOM", ["4"])
    rejects.add("folder-not-listed", "could not be listed", ["5"], noun="folder")
    assert [finding.code for finding in rejects.unseen()] == ["folder-not-listed", "unreadable"]
