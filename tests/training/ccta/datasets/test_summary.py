from __future__ import annotations

import pytest

pytest.importorskip("torch")
from scanserve.contracts.codes import ERRORS
from scanserve.preprocessing import Finding
from scanserve.training.ccta.datasets.summary import CaseFinding, summary

pytestmark = pytest.mark.torch


def test_a_line_counts_what_is_used_and_one_names_the_cases_of_each_code() -> None:
    noticed = [CaseFinding(case, Finding("trees-missing", f"of {case}.")) for case in ("3", "17", "17")]
    noticed.append(CaseFinding("9", Finding("pieces-left-out", "pieces of 12 mm.")))
    meaning = next(
        section.entries["trees-missing"].meaning for section in ERRORS if "trees-missing" in section.entries
    )
    assert summary(noticed, {"train": 8, "validation": 1}, 11) == (
        "9 of 11 cases used: 8 for train and 1 for validation.",
        f"2 cases (3, 17): {meaning} [trees-missing]",
        "case 9: pieces of 12 mm. [pieces-left-out]",
    )
