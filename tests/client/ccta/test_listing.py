import json

import numpy as np
import pytest
from rich.console import Console

from scanserve.client.ccta.listing import list_study
from scanserve.contracts import StudyError
from scanserve.preprocessing import Wishes
from tests.support import ct_factory as factory
from tests.support.chest import chest

ESCAPE = "\x1b[31m"


def _chest(**settings) -> np.ndarray:
    """Stored values of a small chest, fine enough to be eligible."""
    return (chest(**settings).repeat(2, 0).repeat(3, 1).repeat(3, 2) + 1024).astype(np.int16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two phases, a scan without contrast medium of the first, its MIPs, and a text."""
    folder = tmp_path_factory.mktemp("study")
    grid = {"PixelSpacing": [2.2 / 3, 2.5 / 3], "SliceThickness": 1.0, "step": 1.0}
    derived = ["DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MIP"]
    stacks = {
        1: (_chest(blood=45), {"SeriesDescription": "plain 40 %"}),
        2: (_chest()[:60], {"SeriesDescription": "40 %", "ImageType": derived}),
        3: (_chest(), {"SeriesDescription": f"CTA{ESCAPE} 40 %", "ConvolutionKernel": "Bv40"}),
        4: (_chest(), {"SeriesDescription": "CTA 75 %"}),
    }
    for number, (stored, tags) in stacks.items():
        uids = {"SeriesInstanceUID": f"1.2.9.{number}", "uid": f"1.2.8.{number}", "SeriesNumber": number}
        factory.write_series(folder / str(number), stored, **grid, **uids, **tags)
    (folder / "notes.txt").write_text("x")
    return folder


@pytest.fixture(scope="module")
def listing(folder):
    return list_study(folder, Wishes())


def test_what_would_be_analysed_comes_first(listing):
    assert [(row.phase, row.found.series_number) for row in listing.rows] == [
        ("40 %", 3),
        ("75 %", 4),
        (None, 1),
        (None, 2),
    ]
    assert [row.reasons[0].code for row in listing.rows[2:]] == ["no-contrast", "projection"]
    assert listing.phases == ["40 %", "75 %"]


def test_other_files_are_counted(listing):
    assert [group.code for group in listing.skipped] == ["not-dicom"]
    assert "Not looked at: 1 file is not DICOM." in list(listing.lines())
    assert next(iter(listing.lines())) == "Would be analysed: 40 %; 75 %."


def test_the_table_shows_no_control_characters(listing):
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(listing.table())
    text = console.export_text()
    console.file.close()
    assert "CTA?[31m 40 %" in text
    assert "\x1b" not in text
    assert "[projection]" in text


def test_as_json(listing):
    found = json.loads(listing.to_json())
    assert found["phases"] == ["40 %", "75 %"]
    assert found["rows"][2]["reasons"][0]["code"] == "no-contrast"


def test_the_user_s_choice_is_obeyed(folder):
    assert list_study(folder, Wishes(series=("4",))).phases == ["75 %"]
    assert list_study(folder, Wishes(without_series=("CTA 75",))).phases == ["40 %"]
    only_plain = list_study(folder, Wishes(series=("1.2.9.1",)))
    assert only_plain.phases == []
    assert next(iter(only_plain.lines())) == "Would be analysed: nothing."
    assert list_study(folder, Wishes(series=("1",), unfit=True)).phases == ["40 %"]


def test_an_unknown_series_is_refused(folder):
    with pytest.raises(StudyError, match=r"'9'; there are the series 1, 2, 3, 4") as caught:
        list_study(folder, Wishes(series=("9",)))
    assert caught.value.code == "unknown-series"


def test_a_lost_phase_is_said(tmp_path):
    for number, percent in ((1, 40), (2, 75)):
        uids = {"SeriesInstanceUID": f"1.2.9.{number}", "uid": f"1.2.8.{number}", "SeriesNumber": number}
        skip = (5,) if number == 1 else ()
        factory.write_series(
            tmp_path,
            factory.pixels(12),
            skip=skip,
            name=lambda i, n=number: f"{n}-{i}",
            SeriesDescription=f"{percent} %",
            **uids,
        )
    lines = list(list_study(tmp_path, Wishes()).lines())
    assert any(
        line.startswith("Note: phase 40 % (series 1) was left out: 1 slice is missing") for line in lines
    )
