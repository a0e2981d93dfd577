import json
import pickle
from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.perf.ccta.studies import STUDIES, write
from scanserve.perf.selection import Selection


def test_the_usual_studies_are_those_of_the_test_population():
    assert STUDIES.described == "10 phases of the test population (docs/phantom.md), 384 x 384 pixels"
    assert STUDIES.select(Selection("test")).described == STUDIES.described


def test_vessels_in_a_real_ct_have_aims_of_their_own():
    hosted = STUDIES.select(Selection(into=(Path("one"),), phases="3"))
    aims = {target.figure: target.bound for target in hosted.targets}
    assert aims["ov"] == 0.75
    assert {target.figure: target.bound for target in STUDIES.targets}["ov"] == 0.95
    assert (
        hosted.described == "3 phases of vessels of the test population (docs/phantom.md) in the real CT one"
    )


def test_a_part_of_the_beat_is_said_and_checked_before_any_work():
    chosen = STUDIES.select(Selection(phases="30-80/10"))
    assert chosen.described.startswith("6 phases from 30 to 80 % of the beat of the test population")
    with pytest.raises(InputError) as error:
        STUDIES.select(Selection(phases="all"))
    assert error.value.code == "phases-invalid"


def test_the_reason_for_an_ineligible_study_reaches_the_client():
    chosen = STUDIES.select(Selection(override="no contrast"))
    assert chosen.analyse.keywords == {"override": "no contrast"}
    assert STUDIES.analyse.keywords == {"override": None}


def test_a_study_is_of_the_selected_population(monkeypatch, tmp_path):
    monkeypatch.setattr("scanserve.perf.ccta.studies.MATRIX", 24)
    chosen = pickle.loads(pickle.dumps(STUDIES.select(Selection("plain", phases="1")).write))
    assert chosen.func is write
    chosen(7, tmp_path / "study")
    truth = json.loads((tmp_path / "study" / "truth.json").read_text())
    assert (truth["heart"], truth["ranges"], truth["percents"]) == ("plain-7", "plain", [0.0])
