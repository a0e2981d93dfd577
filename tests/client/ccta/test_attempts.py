from dataclasses import dataclass, replace

import pytest

from scanserve.client.ccta.attempts import PhaseReader, refusal
from scanserve.client.runs.progress import silent
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import EligibilityError, StudyError
from scanserve.preprocessing.ccta import Bolus
from tests.support import ccta_samples as samples
from tests.support.faint import faint_chest, fine_chest, written_study

BROKEN = StudyError("truncated-file", "the file 'a' is truncated.")


@dataclass(frozen=True)
class Broken(samples.FakePhase):
    """A phase whose pixels cannot be read."""

    def load(self):
        raise BROKEN


def read(phase, findings=(), override=None):
    reader = PhaseReader(Stopwatch(), silent, override, Bolus(()))
    with samples.checking(findings):
        return reader.read(phase)


def test_a_good_phase_is_read_at_once():
    attempt = read(samples.FakePhase(40.0))
    assert attempt.read.phase.label == "40 %"
    assert (attempt.failures, attempt.left_out()) == ((), [])


def test_the_next_reconstruction_is_tried_and_said():
    attempt = read(Broken(40.0, alternatives=(samples.FakePhase(40.0, series_instance_uid="1.2.9"),)))
    assert attempt.read.phase.series_instance_uid == "1.2.9"
    assert "used in place of a reconstruction that failed [truncated-file]" in attempt.read.phase.explanation
    (left,) = attempt.left_out()
    assert ([reason.code for reason in left.reasons], left.phase_lost) == (["truncated-file"], False)


def test_a_phase_without_a_good_reconstruction_is_lost_once():
    attempt = read(Broken(40.0, alternatives=(Broken(40.0),)))
    assert attempt.read is None
    assert [left.phase_lost for left in attempt.left_out()] == [True, False]


def test_what_is_not_eligible_fails_unless_overridden():
    phase = samples.FakePhase(40.0)
    assert read(phase, (samples.NOT_A_HEART,)).read is None
    assert read(phase, (samples.NOT_A_HEART,), "a test").read.ineligible == (samples.NOT_A_HEART,)


def test_a_refusal_names_every_reason_and_its_phases():
    attempts = [read(samples.FakePhase(percent), (samples.NOT_A_HEART,)) for percent in (40.0, 70.0)]
    error = refusal([*attempts, read(Broken(50.0))], 3)
    assert isinstance(error, EligibilityError)
    assert "2 of 3 phases" in error.message
    assert "[no-contrast; phase 40 %, 70 %]" in error.message


def test_where_nothing_could_be_loaded_the_first_error_is_the_reason():
    assert refusal([read(Broken(40.0)), read(Broken(70.0))], 2) is BROKEN


@pytest.mark.parametrize("override", [None, "a test"])
def test_pixels_of_what_failed_are_let_go(override):
    phase = samples.FakePhase(40.0)
    attempt = read(phase, (samples.NOT_A_HEART,), override)
    assert (phase.loaded[0]() is None) is (attempt.read is None)
    assert replace(attempt, read=None).failures == attempt.failures


def test_a_good_reconstruction_comes_before_one_that_is_excused(tmp_path):
    phases = written_study(
        tmp_path,
        p40=(faint_chest(), {}),
        p45=(fine_chest(), {"ConvolutionKernel": "Bv44"}),
        p75=(fine_chest(), {}),
    )
    good = replace(phases[1], label="40 %")
    reader = PhaseReader(Stopwatch(), silent, None, Bolus([phases[0], phases[2]]))
    first = replace(phases[0], alternatives=(good,))
    assert reader.read(first).read.phase.kernel == "Bv44"
    broken = replace(good, stack=replace(good.stack, slices=good.stack.slices[:3]))
    attempt = reader.read(replace(phases[0], alternatives=(broken,)))
    assert [finding.code for finding in attempt.read.phase.findings] == ["contrast-faint"]
