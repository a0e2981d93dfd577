from dataclasses import replace

import pytest

from scanserve.preprocessing import Finding, Phase, read_study
from scanserve.preprocessing.ct.study_findings import study_findings
from tests.support import ct_factory as factory
from tests.support.ct_study import only_phase


@pytest.fixture
def phase(tmp_path) -> Phase:
    """A phase of six slices, 0.5 mm apart from z = 30 mm."""
    factory.write_series(tmp_path, SeriesDescription="70 %")
    return only_phase(tmp_path)


def _codes(*phases, decided=()) -> list[str]:
    return [finding.code for finding in study_findings(phases, decided)]


def _moved(phase: Phase, z: float) -> Phase:
    return replace(phase, label="30 %", stack=replace(phase.stack, origin=(-10.0, -20.0, z)))


def test_two_phases_of_one_extent_need_no_word(phase):
    assert _codes(phase, _moved(phase, 30.0)) == []


def test_one_phase_has_none_to_compare(phase):
    assert _codes(phase) == ["one-phase"]


def test_what_the_decision_says_is_said(phase):
    unknown = Finding("phases-unknown", "no slice says its cardiac phase.")
    assert _codes(phase, phase, decided=[unknown]) == ["phases-unknown"]


def test_slices_without_a_frame_of_reference_are_counted(phase):
    slices = tuple(replace(image, frame_of_reference="") for image in phase.stack.slices)
    adrift = replace(phase, stack=replace(phase.stack, slices=slices))
    (finding,) = study_findings([phase, adrift])
    assert finding.code == "no-frame-of-reference"
    assert finding.message.startswith("6 slices are without")


def test_a_shift_of_more_than_one_and_a_half_slices_is_said(phase):
    assert _codes(phase, _moved(phase, 30.75)) == []
    (first, second) = study_findings([phase, _moved(phase, 31.0)])
    assert first.code == second.code == "shorter-phase"
    assert second.message == (
        "phase 30 % covers z = 31.0 to 33.5 mm while the study reaches from 30.0 to 33.5 mm."
    )


def test_phase_that_ends_early_is_said(tmp_path):
    for number, count in enumerate((8, 5)):
        factory.write_series(
            tmp_path / str(number),
            factory.pixels(count),
            SeriesInstanceUID=f"1.2.9.{number}",
            uid=f"1.2.8.{number}",
            SeriesDescription=f"{30 + number} %",
        )
    (finding,) = read_study(tmp_path).warnings
    assert finding.code == "shorter-phase"
    assert "31 %" in finding.message
