"""How the end of an analysis is understood."""

import pytest

from scanserve.node.analysis import Ended


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (0, "", Ended()),
        (3, "error [ineligible]: Mr. Smith's study ...\n", Ended("ineligible", final=True)),
        (2, "error [disk-full]: x\n", Ended("disk-full", counts=False)),
        (4, "error [server-unavailable]: x\n", Ended("server-unavailable", counts=False)),
        (4, "error [server-failed-twice]: x\n", Ended("server-failed-twice")),
        (1, "Traceback ...\nerror [internal]: x\n", Ended("internal")),
        (-9, "", Ended("analysis-crashed")),
        (2, "Usage: scanserve ...", Ended("analysis-crashed")),
        (2, "error [made-up]: x\n", Ended("analysis-crashed", final=True)),
    ],
)
def test_an_end_is_understood_by_its_status_and_its_code(status, said, expected):
    assert Ended.of(status, said) == expected
