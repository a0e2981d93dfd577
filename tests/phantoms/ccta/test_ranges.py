import hashlib
from dataclasses import fields

import numpy as np
import pytest

from scanserve.phantoms.ccta import Anatomy, Grid, render, render_points
from scanserve.phantoms.ccta.ranges import PLAIN, RANGES, TEST, TRAINING, draw, happens

#: The demo's patients stay what they are, since the left main's fork bends as in patients.  HU go in by
#: steps of 16, so that other processors' last bits do not count.
PLAIN_SHA256 = {
    1: "153ce977e3c9a2ca75da38a73372890021cdf8aa2032cbcbf66add235072ad7e",
    7: "12b50978a8501846d3bfa76447ca6666a25a4b569a4acc19615460203bdd4050",
}


def groups(ranges):
    return [getattr(ranges, f.name) for f in fields(ranges) if f.name != "name"]


def spans(ranges):
    """Every range, by the names of its group and its field."""
    return {
        (type(group).__name__, f.name): getattr(group, f.name)
        for group in groups(ranges)
        for f in fields(group)
        if f.type == "Range"
    }


@pytest.mark.parametrize("seed", PLAIN_SHA256)
def test_plain_patients_and_images_are_those_of_before(seed):
    anatomy = Anatomy.sample(seed)
    digest = hashlib.sha256()
    for percent, grid in ((5, Grid.centred((20, 22, 24), 5.0)), (40, Grid.centred((12, 30, 30), 0.6))):
        main = anatomy.vessel("RCA").at(percent)[0].points[::40]
        for hu in (render(anatomy, percent, grid), render_points(anatomy, percent, main + 0.7)):
            digest.update(np.rint(hu / 16).astype("<i2").tobytes())
    assert digest.hexdigest() == PLAIN_SHA256[seed]


def test_populations_have_names():
    assert RANGES == {"plain": PLAIN, "training": TRAINING, "test": TEST}
    assert Anatomy.sample(7).ranges is PLAIN


@pytest.mark.parametrize(("inner", "outer"), [(PLAIN, TRAINING), (TRAINING, TEST)])
def test_each_population_holds_the_one_before(inner, outer):
    for name, (low, high) in spans(inner).items():
        least, most = spans(outer)[name]
        assert least <= low <= high <= most, name


def test_the_test_population_is_wider_on_every_axis():
    for name, (low, high) in spans(TRAINING).items():
        least, most = spans(TEST)[name]
        assert most > high or name == ("Scanner", "slice_step"), name  # thicker slices are refused
        assert least < low or low == 0, name
        assert least > 0 or low <= 0, name
    for training, test in zip(groups(TRAINING), groups(TEST), strict=True):
        for f in fields(training):
            if f.name.endswith("_spread"):
                assert getattr(test, f.name) > getattr(training, f.name)


def test_what_is_certain_costs_no_draw():
    rng, fresh = np.random.default_rng(5), np.random.default_rng(5)
    assert draw(rng, (3, 3)) == 3
    assert happens(rng, 1.0)
    assert not happens(rng, 0.0)
    assert rng.random() == fresh.random()
    assert 2 <= draw(rng, (2, 4)) <= 4
    assert 0.2 < np.mean([happens(rng, 0.3) for _ in range(400)]) < 0.4
