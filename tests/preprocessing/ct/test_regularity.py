import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_study
from scanserve.preprocessing.ct.arrangement import arrange
from tests.support import ct_factory as factory
from tests.support.ct_slices import ct_slice, frame, series
from tests.support.ct_study import finding_codes, load_refusal, only_phase


def test_regular_stack_has_no_findings(tmp_path):
    factory.write_series(tmp_path)
    assert finding_codes(tmp_path) == []


def test_rounded_positions_are_regular(tmp_path):
    factory.write_series(
        tmp_path,
        factory.pixels(40),
        step=0.625,
        each=lambda index: {"ImagePositionPatient": [0, 0, round(0.625 * index, 2)]},
    )
    assert finding_codes(tmp_path) == []
    assert only_phase(tmp_path).spacing[2] == pytest.approx(0.625, abs=1e-3)


def test_missing_slices_are_counted_and_placed(tmp_path):
    factory.write_series(tmp_path, factory.pixels(20), skip=(5, 6, 12), SeriesDescription="70 %")
    (finding,) = only_phase(tmp_path).findings
    assert finding.code == "missing-slices"
    assert finding.message.startswith("3 slices are missing in 2 places (after 32.00, 35.50 mm")
    with pytest.raises(StudyError, match="phase 70 %: 3 slices are missing") as caught:
        only_phase(tmp_path).load()
    assert caught.value.code == "missing-slices"


def test_one_missing_slice_is_singular(tmp_path):
    factory.write_series(tmp_path, skip=(2,))
    assert "1 slice is missing in 1 place" in only_phase(tmp_path).findings[0].message


@settings(max_examples=5, deadline=None)
@given(st.sets(st.integers(2, 27), min_size=1, max_size=6))
def test_any_inner_gap_is_found(tmp_path_factory, missing):
    folder = tmp_path_factory.mktemp("gaps")
    factory.write_series(folder, factory.pixels(30), skip=tuple(missing))
    (finding,) = only_phase(folder).findings
    words = "1 slice is" if len(missing) == 1 else f"{len(missing)} slices are"
    assert finding.message.startswith(f"{words} missing")


def test_uneven_spacing_isload_refusal(tmp_path):
    factory.write_series(
        tmp_path,
        factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, 0, index * 0.5 + 0.2 * (index == 4)]},
    )
    assert finding_codes(tmp_path) == ["uneven-spacing"]
    assert load_refusal(tmp_path) == "uneven-spacing"


def test_slightly_uneven_spacing_is_said_and_read(tmp_path):
    factory.write_series(
        tmp_path,
        factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, 0, index * 0.5 + 0.05 * (index == 4)]},
    )
    assert finding_codes(tmp_path) == ["slightly-uneven-spacing"]
    assert only_phase(tmp_path).load().grid.shape == (10, 4, 5)


def test_gantry_tilt_is_refused_with_its_angle(tmp_path):
    slope = np.tan(np.radians(15))
    factory.write_series(
        tmp_path,
        factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, round(slope * index * 0.5, 4), index * 0.5]},
    )
    (finding,) = only_phase(tmp_path).findings
    assert finding.code == "tilted"
    assert "15.0 degrees" in finding.message
    assert load_refusal(tmp_path) == "tilted"


def test_shifted_slices_areload_refusal(tmp_path):
    factory.write_series(
        tmp_path,
        factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, 3.0 * (index == 7), index * 0.5]},
    )
    assert finding_codes(tmp_path) == ["shifted-slices"]
    assert "1 of 10 slices" in only_phase(tmp_path).findings[0].message


def test_few_strays_are_left_out_and_said(tmp_path):
    stored = factory.write_series(tmp_path)
    extra = factory.slice_dataset(factory.pixels(1, 4, 4)[0], (0, 0, 0), uid="1.2.3.9")
    factory.save(extra, tmp_path / "stray")
    study = read_study(tmp_path)
    (phase,) = study.phases
    assert [finding.code for finding in phase.findings] == ["stray-slices"]
    assert [group.code for group in study.skipped] == ["stray-slices"]
    np.testing.assert_array_equal(phase.load().hu, stored - 1024)


def test_mixed_pixel_sizes_areload_refusal(tmp_path):
    factory.write_series(
        tmp_path, factory.pixels(12), each=lambda index: {"PixelSpacing": [0.4, 0.3 if index < 7 else 0.5]}
    )
    assert finding_codes(tmp_path) == ["mixed-geometry"]
    assert "5 of 12 slices" in only_phase(tmp_path).findings[0].message
    assert load_refusal(tmp_path) == "mixed-geometry"


def test_oblique_stack_isload_refusal(tmp_path):
    cosine, sine = np.cos(np.radians(20)), np.sin(np.radians(20))
    factory.write_series(tmp_path, orientation=(1, 0, 0, 0, round(cosine, 6), round(sine, 6)))
    with pytest.raises(StudyError, match=r"20\.0 degrees") as caught:
        read_study(tmp_path)
    assert caught.value.code == "oblique"


def test_missing_orientation_is_assumed_and_said(tmp_path):
    factory.write_series(tmp_path, each=lambda index: {"ImageOrientationPatient": None})
    assert finding_codes(tmp_path) == ["orientation-assumed"]


def test_slice_gaps_are_said():
    (finding,) = arrange(series(thickness=0.3)).findings
    assert (finding.code, finding.message) == ("slice-gaps", "slices 0.3 mm thick lie 0.500 mm apart.")


def test_findings_come_in_a_fixed_order():
    slices = series(thickness=0.3, assumed=frozenset({"position", "orientation"}))
    slices = [
        *slices[:2],
        *slices[3:],
        ct_slice(0.5, "again"),
        ct_slice(0.0, "stray", pixel_spacing=(1.0, 1.0)),
    ]
    assert [finding.code for finding in arrange(slices).findings] == [
        "stray-slices",
        "missing-slices",
        "slice-gaps",
        "duplicate-slices",
        "position-z-only",
        "orientation-assumed",
    ]


def test_at_most_five_places_are_named():
    slices = series(40)
    slices = [image for index, image in enumerate(slices) if index not in range(2, 30, 4)]
    (finding,) = arrange(slices).findings
    assert "(after 0.50, 2.50, 4.50, 6.50, 8.50 mm and 2 more along the slice normal)" in finding.message


def test_truncated_files_are_named():
    cut = frame("cut").pixel_format
    short = type(cut)(cut.transfer_syntax, 16, 16, True, offset=0, length=41, file_size=40)
    slices = [*series(), ct_slice(3.0, frame=frame("cut", pixel_format=short))]
    (finding,) = arrange(slices).findings
    assert finding.message == "1 file is truncated, the first of them 'cut'."
