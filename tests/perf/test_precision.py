import dataclasses
import functools
import shutil

import pytest

from scanserve.contracts import InputError, ResultError
from scanserve.perf import ccta
from scanserve.perf.accuracyreport import Target
from scanserve.perf.ccta.studies import STUDIES, write
from scanserve.perf.precision import _compared, compare_repositories
from scanserve.server import find_model_repository


def test_an_unknown_application_is_named(tmp_path):
    with pytest.raises(InputError) as error:
        compare_repositories("nothing", 1, (tmp_path, tmp_path), "cpu")
    assert error.value.code == "unknown-application"


@pytest.mark.live
def test_both_repositories_analyse_the_same_study(monkeypatch, tmp_path):
    def analyse(study, result, server):
        servers.append(server.model_repository)
        STUDIES.analyse(study, result, server)

    servers, lines = [], []
    small = dataclasses.replace(STUDIES, write=functools.partial(write, phases=1), analyse=analyse)
    monkeypatch.setattr(ccta, "STUDIES", small)
    first = find_model_repository()
    second = shutil.copytree(first, tmp_path / "second")
    kept = tmp_path / "kept"
    figures = compare_repositories("ccta", 1, (first, second), "cpu", lines.append, kept)
    assert servers == [first, second]
    assert compare_repositories("ccta", 1, (first, second), "cpu", lines.append, kept) == figures
    assert servers == [first, second]  # what is kept is not computed again
    assert lines == ["study 300000 (first): analysed", "study 300000 (second): analysed"]
    assert [figure.name for figure in figures][:2] == ["detected (all)", "ov (all)"]
    assert all(figure.first == figure.second for figure in figures)  # the same files give the same figures
    assert figures[1].first > 0.5
    assert all(figure.losses == (0.0,) for figure in figures if figure.first is not None)


@pytest.mark.live
def test_without_one_analysed_study_nothing_is_compared(monkeypatch, tmp_path):
    def refuse(study, result, server):
        raise ResultError("no-vessel", "nothing found.")

    small = dataclasses.replace(STUDIES, write=functools.partial(write, phases=1), analyse=refuse)
    monkeypatch.setattr(ccta, "STUDIES", small)
    repository = find_model_repository()
    with pytest.raises(InputError) as error:
        compare_repositories("ccta", 1, (repository, repository), "cpu")
    assert error.value.code == "no-study-analysed"


def test_no_metric_that_jumps_between_nearly_equal_phases_is_compared():
    names = {target.figure for target in STUDIES.compared}
    assert names == {target.figure for target in STUDIES.targets} - {"top1", "top2"} | {"excess_blur_mm"}


def test_losses_are_worse_where_they_are_positive():
    target = Target("all", "ai_mm", 0.3, at_most=True)
    single = [(figures(0.3), figures(0.4)), (figures(None), figures(0.1)), (figures(0.2), figures(None))]
    compared = _compared(target, figures(0.25), figures(0.3), single)
    assert compared.losses == (pytest.approx(0.1), None)
    rising = dataclasses.replace(target, at_most=False)
    assert _compared(rising, figures(0.25), figures(0.3), single[:1]).losses == (pytest.approx(-0.1),)


def figures(value):
    return {"all": {"ai_mm": {"value": value}}}
