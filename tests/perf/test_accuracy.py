import dataclasses
import functools
import json
from contextlib import nullcontext

import pytest

from scanserve.contracts import InputError
from scanserve.perf import accuracy, ccta
from scanserve.perf.accuracy import analysed, find_studies, measure_accuracy
from scanserve.perf.ccta.hearts import Hearts
from scanserve.perf.ccta.studies import STUDIES, write


def test_every_application_with_phantoms_can_be_measured():
    assert find_studies("ccta") is STUDIES


def test_an_unknown_application_is_named():
    with pytest.raises(InputError, match="nothing") as error:
        find_studies("nothing")
    assert error.value.code == "unknown-application"


def test_targets_are_figures_of_the_evaluation():
    from scanserve.evaluation.ccta import metrics

    known = {
        metric.name
        for group in (metrics.CENTERLINE_METRICS, metrics.RANKING_METRICS, metrics.QUALITY_METRICS)
        for metric in group
    }
    assert {target.figure for target in STUDIES.targets} <= known


def test_a_study_that_cannot_be_analysed_leaves_its_truth(tmp_path):
    def refuse(study, result, server):
        raise InputError("ineligible", "too coarse.")

    study = tmp_path / "study"
    study.mkdir()
    (study / "truth.json").write_text("{}")
    studies = dataclasses.replace(STUDIES, analyse=refuse)
    assert analysed(studies, study, tmp_path / "kept", None) == "ineligible: too coarse."
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["truth.json"]


def test_without_one_analysed_study_the_reason_is_told(monkeypatch, tmp_path):
    def made(seed, folder):
        folder.mkdir()
        (folder / "truth.json").write_text("{}")

    def refuse(study, result, server):
        raise InputError("ineligible", "no contrast.")

    class Server:
        model_repository = tmp_path

    studies = dataclasses.replace(STUDIES, write=made, analyse=refuse)
    monkeypatch.setattr(ccta, "STUDIES", studies)
    monkeypatch.setattr(accuracy, "made", lambda studies, seeds, scratch: _each(studies, seeds, scratch))
    monkeypatch.setattr(accuracy, "_server", lambda application: nullcontext(Server()))
    with pytest.raises(InputError, match="2 studies could be analysed: ineligible: no contrast") as error:
        list(measure_accuracy("ccta", 2, tmp_path / "out"))
    assert error.value.code == "no-study-analysed"
    assert not (tmp_path / "out").exists()


def _each(studies, seeds, scratch):
    for seed in seeds:
        studies.write(seed, scratch / str(seed))
        yield seed, scratch / str(seed)


@pytest.mark.live
def test_one_study_is_made_analysed_and_evaluated(monkeypatch, tmp_path):
    small = dataclasses.replace(STUDIES, write=functools.partial(write, phases=2, hearts=Hearts("plain")))
    monkeypatch.setattr(ccta, "STUDIES", small)
    keep = tmp_path / "keep"
    lines = list(measure_accuracy("ccta", 1, tmp_path / "out", keep=keep))
    assert lines[0] == "study 300000: analysed"
    content = json.loads((tmp_path / "out" / "accuracy.json").read_text())
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {
        "accuracy.png",
        "errors.png",
        "worst.png",
    }
    figures = content["pooled"]["figures"]["all"]
    assert figures["detected"]["value"] >= 0.8
    assert figures["ov"]["value"] >= 0.7
    kept = keep / "300000" / "result.json"
    before = kept.stat().st_mtime_ns
    assert "study 300000: analysed" not in list(measure_accuracy("ccta", 1, tmp_path / "out", keep=keep))
    assert kept.stat().st_mtime_ns == before  # what is there is not made again
