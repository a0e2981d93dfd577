import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from scanserve.client.ccta.result import Result
from scanserve.client.ccta.schema import SCHEMA_PATH
from scanserve.preprocessing import Finding, Skipped
from tests.support import ccta_samples as samples


@pytest.fixture(scope="module")
def described():
    return samples.run(client=samples.FakeClient(missing={(50.0, 2)}))


def test_the_best_phases_are_those_of_the_truth(described):
    result, _ = described
    assert [vessel.ranking.best for vessel in result.vessels] == ["40 %", "70 %", "70 %"]
    assert result.overall.best == "70 %"
    assert {ranked.phase for ranked in result.overall.order} == {"40 %", "50 %", "60 %", "70 %"}


def test_it_satisfies_its_committed_schema_and_reads_back(described):
    result, _ = described
    text = result.to_json()
    Draft202012Validator(json.loads(SCHEMA_PATH.read_text())).validate(json.loads(text))
    assert Result.model_validate_json(text) == result
    assert result.notice == samples.NOTICE


def test_a_missing_vessel_is_last_null_and_warned_about(described):
    result, _ = described
    vessel = result.vessel("LCX")
    entry = next(entry for entry in vessel.phases if entry.phase == "50 %")
    assert (entry.found, entry.tree, entry.quality, entry.reason.code) == (False, None, None, "no-vessel")
    assert vessel.ranking.order[-1].phase == "50 %"
    assert "vessel-missing-in-phase" in [warning.code for warning in result.warnings]


def test_a_vessel_that_loses_in_the_best_phase_overall_is_said(described):
    result, _ = described
    message = next(w.message for w in result.warnings if w.code == "overall-best-not-best-for-vessel")
    assert "read RCA in 40 %" in message


def test_sections_cover_the_vessel_and_end_with_it(described):
    quality = described[0].vessel("RCA").phases[0].quality
    length = described[0].vessel("RCA").phases[0].scored_length_mm
    filled = [section for section in quality.sections if section.quality is not None]
    assert [section.start_mm for section in quality.sections] == [8.0 * index for index in range(20)]
    assert filled[-1].end_mm == pytest.approx(length, abs=0.01)
    assert sum(quality.class_probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_the_best_of_phases_names_its_sources(described):
    result, views = described
    best = result.vessel("LAD").best_of_phases
    sources = [section.phase for section in best.sections]
    assert sources[3] == "40 %"
    assert set(sources) == {"40 %", "70 %"}
    assert best.switches == 2
    assert len(views.recombined["LAD"]) == int(best.length_mm / 0.5) + 1


def test_the_tree_is_rooted_and_in_millimetres(described):
    tree = described[0].vessel("RCA").phases[0].tree
    path = np.array(tree.points_mm)[tree.main_path]
    assert tree.parent[tree.main_path[0]] == -1
    assert all(parent < index for index, parent in enumerate(tree.parent))
    assert np.linalg.norm(path[0] - samples.LINES[0][0]) < 3


def test_views_are_those_of_the_best_phase(described):
    result, views = described
    assert views.plane_phase == result.overall.best
    assert list(views.straightened["LCX"]) == ["40 %", "60 %", "70 %"]
    assert all(image.min() > -1024 for image in views.straightened["RCA"].values())


def test_the_timing_has_every_stage(described):
    stages = {span.stage for span in described[0].timing.spans}
    assert {"read", "check", "centerlines", "skeleton", "straighten", "quality", "recombine"} <= stages


def test_one_phase_is_said():
    result, _ = samples.run((40.0,))
    assert [warning.code for warning in result.warnings] == ["one-phase"]
    assert result.overall.confidence == "only-phase"


def test_an_override_is_recorded_with_the_reasons():
    result, _ = samples.run((40.0,), findings=(samples.NOT_A_HEART,), override="teaching")
    assert (result.study.eligible, result.study.override) == (False, "teaching")
    assert [finding.code for finding in result.study.phases[0].ineligible] == ["no-contrast"]
    assert [w.code for w in result.warnings][:2] == ["ineligible-overridden", "no-contrast"]


def test_nothing_found_is_a_result_with_reasons():
    missing = {(40.0, number) for number in range(3)}
    result, views = samples.run((40.0,), client=samples.FakeClient(missing), override="x")
    assert (result.overall.best, views.planes, views.recombined) == (None, (), {})
    assert [vessel.reason.code for vessel in result.vessels] == ["no-vessel"] * 3


def test_skipped_files_are_counted():
    study = samples.FakeStudy(
        (samples.FakePhase(40.0),),
        skipped=(Skipped("localizer", "3 files are localizers.", 3),),
        warnings=(Finding("gap", "a gap."),),
    )
    result, _ = samples.run_study(study)
    assert result.study.files == 63
    assert [warning.code for warning in result.warnings] == ["one-phase", "gap"]


def test_what_is_left_out_is_in_the_result():
    study = samples.FakeStudy(
        (samples.FakePhase(40.0), samples.FakePhase(70.0)),
        left_out=(samples.LOST, samples.CALCIUM),
        without_series=("Lung",),
    )
    result, _ = samples.run_study(study)
    lost, calcium = result.study.left_out
    assert (lost.phase, lost.phase_lost, lost.series_number, lost.slices) == ("30 %", True, 4, 60)
    assert [reason.code for reason in calcium.reasons] == ["calcium-scoring"]
    assert (calcium.kind, calcium.spacing_mm) == ("calcium scoring", 3.0)
    assert (result.study.only_series, result.study.without_series) == ([], ["Lung"])
    assert result.warnings[0].code == "phase-left-out"
    assert "CTA" not in lost.model_dump_json()
