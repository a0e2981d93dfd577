from dataclasses import replace

from scanserve.preprocessing import Finding
from scanserve.preprocessing.ct.arrangement import arrange
from tests.support.ct_slices import series


def test_only_some_findings_forbid_loading():
    said, blocking = Finding("slice-gaps", "They lie apart."), Finding("tilted", "They are tilted.")
    stack = replace(arrange(series()), findings=(said, blocking))
    assert stack.blocking == (blocking,)
