import json

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.ccta.truth import TRUTH_VERSION, read_truth


@pytest.fixture
def refused(made, tmp_path):
    """The code with which a changed truth is refused."""

    def refused(change):
        content = made.truth()
        change(content)
        path, _ = made.write(tmp_path, content)
        with pytest.raises(InputError) as caught:
            read_truth(path)
        assert caught.value.message.count("\n") == 0
        return caught.value.code

    return refused


def test_reading(made, tmp_path):
    truth = read_truth(made.write(tmp_path, made.truth())[0])
    vessel = truth.vessels[1]
    assert truth.percents == list(made.PERCENTS)
    assert vessel.abbreviation == "LAD"
    assert vessel.blur().tolist() == list(made.BLUR["LAD"])
    assert np.array_equal(vessel.phases[0].branches()[1], made.side_branch("LAD"))
    assert truth.overall_blur() == pytest.approx(np.mean(list(made.BLUR.values()), axis=0))


def test_what_is_no_truth(refused):
    assert refused(lambda truth: truth.pop("vessels")) == "not-a-truth"
    assert refused(lambda truth: truth.pop("version")) == "not-a-truth"
    assert refused(lambda truth: truth.update(vessels=[])) == "not-a-truth"
    assert refused(lambda truth: truth["vessels"][0].pop("phases")) == "not-a-truth"
    assert refused(lambda truth: truth["vessels"][0]["phases"].pop()) == "not-a-truth"
    assert refused(lambda truth: truth["vessels"][0]["branches"].pop()) == "not-a-truth"
    assert refused(lambda truth: truth["vessels"][0]["branches"][0]["radii_mm"].pop()) == "not-a-truth"
    assert refused(lambda truth: truth["percents"].reverse()) == "not-a-truth"


def test_another_version(refused):
    assert refused(lambda truth: truth.update(version=TRUTH_VERSION + 1)) == "truth-version"


def test_the_truth_of_a_phantom_is_read(tmp_path):
    """What phantoms write is what is read here."""
    from scanserve.phantoms.ccta import Anatomy, Grid
    from scanserve.phantoms.ccta import truth as written

    anatomy = Anatomy.sample(7)
    grid = Grid((8, 8, 8), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(written.study_truth(anatomy, [0.0, 40.0], grid)))
    truth = read_truth(path)
    assert written.TRUTH_VERSION == TRUTH_VERSION
    assert [vessel.abbreviation for vessel in truth.vessels] == ["RCA", "LAD", "LCX"]
    assert all(len(vessel.radii()) == len(vessel.phases[0].branches()[0]) for vessel in truth.vessels)
