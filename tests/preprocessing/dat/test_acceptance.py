from dataclasses import replace

import pytest

from scanserve.contracts import StudyError
from scanserve.phantoms.dat.study import write_study
from scanserve.preprocessing import read_tomograms
from scanserve.preprocessing.acceptance import verdict_of
from scanserve.preprocessing.dat import check_acquisition, check_study
from scanserve.preprocessing.dat.acceptance import judge
from scanserve.preprocessing.dat.acquisition import choose_short
from scanserve.preprocessing.dat.selection import select_slices


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brain")
    write_study(folder / "study", seed=7)
    return folder / "study"


@pytest.fixture(scope="module")
def short(folder):
    return choose_short(read_tomograms(folder).tomograms)


@pytest.fixture(scope="module")
def selection(short):
    return select_slices(short.counts().values)


def test_a_study_that_the_networks_are_for(folder):
    found = {judgement.code: judgement for judgement in check_study(folder)}
    assert verdict_of(found.values()) == "eligible"
    assert found["matrix"].value == "128 x 128"
    assert found["duration"].value == pytest.approx(5)
    assert found["counts"].value > 0


CHANGES = [
    ({"shape": (68, 64, 64)}, "matrix", "refused"),
    ({"spacing_mm": (3.29, 4.0, 4.0)}, "pixel-size", "refused"),
    ({"shape": (4, 128, 128)}, "coverage", "refused"),
    ({"orientation": (1, 0, 0, 0, 0, -1)}, "plane", "refused"),
    ({"orientation": None}, "plane", "warning"),
    ({"minutes": None}, "duration", "warning"),
    ({"minutes": 25.0}, "duration", "warning"),
    ({"position": None}, "place", "warning"),
]


@pytest.mark.parametrize(("changed", "code", "outcome"), CHANGES)
def test_a_change_shows(short, selection, changed, code, outcome):
    found = {judgement.code: judgement for judgement in judge(replace(short, **changed), selection)}
    assert found[code].outcome == outcome


@pytest.mark.parametrize(("changed", "code", "outcome"), CHANGES)
def test_what_is_refused_here_is_refused_by_the_run(short, selection, changed, code, outcome):
    changed_one = replace(short, **changed)
    if outcome == "refused":
        with pytest.raises(StudyError):
            check_acquisition(changed_one)
    else:
        check_acquisition(changed_one)


def test_slices_that_cannot_be_taken_refuse(short):
    found = judge(short, StudyError("striatum-at-edge", "the slice of greatest count must lie inside."))
    assert verdict_of(found) == "refused"
    assert any("[striatum-at-edge]" in judgement.message for judgement in found)
