import scanserve.preprocessing
from scanserve.preprocessing import Finding
from scanserve.preprocessing.dicom.scan import Rejects
from scanserve.preprocessing.findings import plural


def test_public_names():
    assert scanserve.preprocessing.__all__ == [
        "Finding", "Phase", "Skipped", "Study", "Tomogram", "Tomograms", "Volume", "check_eligibility", "read_study",
        "read_tomograms",
    ]  # fmt: skip
    assert all(hasattr(scanserve.preprocessing, name) for name in scanserve.preprocessing.__all__)


def test_finding_reads_as_a_sentence_with_its_code():
    assert str(Finding("a-code", "It is so.")) == "It is so. [a-code]"


def test_plural():
    assert plural(1, "slice") == "1 slice is"
    assert plural(3, "slice") == "3 slices are"
    assert plural(1, "place", verb=False) == "1 place"


def test_rejects_are_grouped_by_reason_largest_first():
    rejects = Rejects()
    rejects.add("a", "are small", ["1"])
    rejects.add("b", "belong to others", ["3", "2"])
    rejects.add("c", "are none", [])
    groups = rejects.groups()
    assert [(group.files, group.code) for group in groups] == [(2, "b"), (1, "a")]
    assert [group.message for group in groups] == ["2 files belong to others.", "1 file is small."]
