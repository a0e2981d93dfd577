"""Every rule on studies that differ in one thing each."""

import numpy as np
import pytest

from scanserve.preprocessing import read_study
from scanserve.preprocessing.acceptance import verdict_of
from scanserve.preprocessing.ccta.acceptance import check_study
from scanserve.preprocessing.ccta.acceptance.rules import AORTA_HU
from tests.support import ct_factory as factory
from tests.support.chest import SHAPE, chest, ellipsoid

SPACING = [2.2 / 3, 2.0 / 3]


def stored(hu=420, blood=350) -> np.ndarray:
    """Stored values of a chest with an aorta of ``hu`` above a heart with ``blood``."""
    values = chest(blood=blood).astype(float)
    upper = np.arange(SHAPE[0])[:, None, None] >= SHAPE[0] // 2
    values[upper & ellipsoid((0, -15, 10), (50, 32, 36))] = 40
    values[upper & ellipsoid((0, -28, -10), (1e6, 15, 15))] = hu
    return (values.repeat(2, 0).repeat(3, 1).repeat(3, 2) + 1024).astype(np.int16)


def write(folder, pixels=None, *, label="75 %", step=0.9, number=3, **tags):
    own = {
        "PixelSpacing": SPACING,
        "SliceThickness": step,
        "SeriesDescription": f"CTA {label}",
        "SeriesNumber": number,
        "SeriesInstanceUID": f"1.2.9.{number}",
        "uid": f"1.2.8.{number}",
        "XRayTubeCurrent": 500,
        "ManufacturerModelName": "SOMATOM Force",
        "ContrastBolusAgent": "agent",
    }
    factory.write_series(
        folder / str(number), stored() if pixels is None else pixels, step=step, **own | tags
    )
    return folder


def by_code(folder):
    return {judgement.code: judgement for judgement in check_study(folder)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A study that most rules are met by; its field and matrix are those of a whole chest."""
    folder = write(tmp_path_factory.mktemp("plain"))
    return by_code(write(folder, label="40 %", number=4))


def test_what_is_met_says_its_value(plain):
    met = {code for code, judgement in plain.items() if judgement.outcome == "met"}
    assert met >= {
        "scan-kind",
        "original-ct",
        "phases",
        "slice-thickness",
        "coverage",
        "scanner",
        "tube-current",
        "contrast",
        "chest",
        "aortic-enhancement",
        "metal",
        "history",
    }
    assert plain["slice-thickness"].value == pytest.approx(0.9)
    assert plain["scanner"].value == 384
    assert plain["phases"].value == 2


def test_the_aorta_says_where_and_how_many_voxels(plain):
    aorta = plain["aortic-enhancement"]
    assert aorta.value == pytest.approx(420, abs=10)
    assert aorta.voxels > 100
    assert aorta.where.startswith("phase 40 %, ascending aorta")


def test_findings_name_tags_or_a_place(plain):
    told = [judgement for judgement in plain.values() if judgement.outcome != "question"]
    assert all(judgement.limit and (judgement.tags or judgement.where) for judgement in told)


def test_questions_are_asked(plain):
    asked = {code for code, judgement in plain.items() if judgement.outcome == "question"}
    assert asked == {"question-rhythm", "question-surgery", "question-congenital", "question-device"}


def test_published_limits_beyond_what_the_analysis_needs_warn(plain):
    assert plain["matrix"].outcome == plain["field-of-view"].outcome == "warning"
    assert verdict_of(plain.values()) == "eligible with warnings"


CHANGES = [
    ({"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]}, "original-ct", "warning", "derived"),
    ({"ManufacturerModelName": "LightSpeed VCT"}, "scanner", "warning", 64),
    ({"ManufacturerModelName": "Invented 9"}, "scanner", "warning", None),
    ({"ManufacturerModelName": None}, "scanner", "warning", None),
    ({"XRayTubeCurrent": 40}, "tube-current", "refused", 40),
    ({"SliceThickness": 1.5}, "slice-thickness", "refused", 1.5),
    ({"step": 1.0}, "slice-thickness", "warning", 1.0),
    ({"StudyDescription": "after CABG"}, "history", "warning", "bypass surgery"),
]


@pytest.mark.parametrize(("changed", "code", "outcome", "value"), CHANGES)
def test_a_change_of_the_header_shows(tmp_path, changed, code, outcome, value):
    found = by_code(write(tmp_path, **changed))[code]
    assert (found.outcome, found.value) == (outcome, value)


def test_a_known_scanner_is_named_and_an_unknown_one_is_not(tmp_path):
    assert "Invented" not in str(by_code(write(tmp_path, ManufacturerModelName="Invented 9")))


@pytest.mark.parametrize(("hu", "outcome"), [(AORTA_HU - 40, "warning"), (AORTA_HU + 40, "met")])
def test_the_enhancement_is_measured(tmp_path, hu, outcome):
    found = by_code(write(tmp_path, stored(hu)))["aortic-enhancement"]
    assert found.outcome == outcome
    assert found.value == pytest.approx(hu, abs=10)


def test_without_contrast_it_is_refused_and_no_aorta_is_measured(tmp_path):
    found = by_code(write(tmp_path, stored(45, 45)))
    assert found["contrast"].outcome == "refused"
    assert "aortic-enhancement" not in found


@pytest.fixture(scope="module")
def thick():
    """Without contrast, every third slice."""
    return stored(45, 45)[::3]


class TestCalciumScoring:
    """A scan for calcium scoring is its own kind."""

    def test_by_its_description(self, tmp_path, thick):
        found = by_code(write(tmp_path, thick, step=2.7, SeriesDescription="CaScore 3.0"))
        assert (found["scan-kind"].outcome, found["scan-kind"].value) == ("refused", "calcium scoring")
        assert found["calcium-slices"].outcome == "met"
        assert found["calcium-field"].outcome == "met"

    def test_without_a_description(self, tmp_path, thick):
        found = by_code(write(tmp_path, thick, step=2.7, SeriesDescription="Thorax"))
        assert found["scan-kind"].value == "calcium scoring"

    def test_its_own_limits(self, tmp_path, thick):
        found = by_code(
            write(
                tmp_path,
                thick,
                step=2.7,
                SliceThickness=3.5,
                PixelSpacing=[1, 1],
                SeriesDescription="CaScore",
            )
        )
        assert found["calcium-slices"].outcome == found["calcium-field"].outcome == "warning"

    def test_beside_an_angiography_it_is_left_out(self, tmp_path, thick):
        write(tmp_path, thick, step=2.7, number=2, SeriesDescription="CaScore 3.0")
        found = by_code(write(tmp_path))
        assert found["scan-kind"].value == "angiography"
        assert (found["calcium-scan"].outcome, found["calcium-scan"].value) == ("met", 2.7)
        assert [phase.series_number for phase in read_study(tmp_path).phases] == [3]

    def test_a_word_alone_does_not_make_one(self, tmp_path):
        found = by_code(write(tmp_path, SeriesDescription="CTA CALCIUM 75 %"))
        assert (found["scan-kind"].outcome, found["scan-kind"].value) == ("warning", "angiography")


def test_a_phase_that_cannot_be_read_is_refused(tmp_path):
    write(tmp_path)
    for name in sorted((tmp_path / "3").iterdir())[40:44]:
        name.unlink()
    found = by_code(tmp_path)
    assert found["phases"].outcome == "refused"
    assert "[missing-slices]" in found["phases"].message
