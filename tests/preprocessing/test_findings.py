from scanserve.preprocessing import Finding
from scanserve.preprocessing.findings import plural


def test_finding_reads_as_a_sentence_with_its_code():
    assert str(Finding("a-code", "It is so.")) == "It is so. [a-code]"


def test_plural():
    assert plural(1, "slice") == "1 slice is"
    assert plural(3, "slice") == "3 slices are"
    assert plural(1, "place", verb=False) == "1 place"
    assert plural(2, "link to a folder") == "2 links to a folder are"
