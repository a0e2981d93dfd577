import numpy as np
import pytest

from scanserve.evaluation.ccta import evaluate
from scanserve.evaluation.ccta.figures import _read, draw_errors, draw_worst, lines_of
from scanserve.evaluation.studies import Pair

SPACING = 0.25


@pytest.fixture
def evaluated(made, tmp_path):
    """A study with one vessel missed and the others cut short, one without a result, and their files."""
    truth, result = made.write(
        tmp_path / "cut", made.truth(), made.result(missing={("RCA", 0.0)}, length_mm=90.0)
    )
    alone, _ = made.write(tmp_path / "alone", made.truth())
    pairs = (Pair("cut", truth, result), Pair("alone", alone, None))
    return evaluate(pairs, spacing_mm=SPACING).studies, pairs


def test_what_was_cut_off_is_missed(evaluated):
    (study, _), (pair, _) = evaluated
    phase = study.vessels[1].phases[1]
    lines = lines_of(study, *_read(pair), study.vessels[1].vessel, phase)
    inside = lines.inside()
    assert inside.mean() == pytest.approx(0.75, abs=0.02)
    assert not inside[-40:].any()
    assert "OV 0.8" in lines.title


def test_a_vessel_without_a_tree_is_missed_throughout(evaluated):
    (study, _), (pair, _) = evaluated
    lines = lines_of(study, *_read(pair), "RCA", study.vessels[0].phases[0])
    assert lines.found.shape == (0, 3)
    assert not np.any(lines.inside())


@pytest.mark.parametrize("draw", [draw_errors, draw_worst])
def test_pictures_are_written(evaluated, draw, tmp_path):
    picture = draw(*evaluated, tmp_path / "picture.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000
