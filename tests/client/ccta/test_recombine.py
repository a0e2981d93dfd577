import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scanserve.client.ccta.recombine import (
    BEYOND_HU,
    MARGIN,
    SEAM_MM,
    SWITCH_COST,
    choose_sources,
    recombine,
)
from scanserve.contracts import InputError
from scanserve.contracts.ccta import SECTION_MM, SECTIONS, STEP_MM, STEPS

WHOLE = STEPS * STEP_MM
PER_SECTION = round(SECTION_MM / STEP_MM)


def flat(*values, shape=(STEPS, 4, 4)):
    return [np.full(shape, value, np.int16) for value in values]


def quality(*rows):
    return np.array(rows, dtype=np.float32)


#: Of one vessel: phases, sections of any quality, and which phase ranks first.
VESSELS = st.integers(1, 4).flatmap(
    lambda phases: st.tuples(
        arrays(np.float64, (phases, 6), elements=st.floats(0, 1)), st.integers(0, phases - 1)
    )
)


def test_clear_gains_are_taken():
    sources = choose_sources(quality([0.9] * 10 + [0.1] * 10, [0.1] * 10 + [0.9] * 10), 0)
    assert sources.tolist() == [0] * 10 + [1] * 10


def test_a_gain_below_the_margin_and_two_seams_is_not_taken():
    rows = quality([0.4] * SECTIONS, [0.3] * SECTIONS)
    rows[1, 7] = 0.4 + MARGIN + 2 * SWITCH_COST - 0.01
    assert set(choose_sources(rows, 0)) == {0}
    rows[1, 7] = 0.4 + MARGIN + 2 * SWITCH_COST + 0.01
    assert choose_sources(rows, 0).tolist() == [0] * 7 + [1] + [0] * 12


def test_gains_below_the_margin_never_add_up():
    rows = quality([0.5] * SECTIONS, [0.4] * 10 + [0.5 + MARGIN - 0.01] * 10)
    assert set(choose_sources(rows, 0)) == {0}


def test_steady_gains_beyond_the_margin_add_up():
    rows = quality([0.5] * SECTIONS, [0.3] * 10 + [0.5 + MARGIN + 0.05] * 10)
    assert choose_sources(rows, 0).tolist() == [0] * 10 + [1] * 10


def test_equal_sections_come_from_the_phase_that_ranks_first():
    rows = quality(*[[0.5] * SECTIONS] * 3)
    assert set(choose_sources(rows, 2)) == {2}


def test_what_another_phase_gains_everywhere_is_left_to_the_ranking():
    rows = quality([0.2] * SECTIONS, [0.9] * SECTIONS)
    assert set(choose_sources(rows, 0)) == {0}


def test_a_place_where_another_phase_gains_more_than_elsewhere_is_taken():
    rows = quality([0.3] * SECTIONS, [0.5] * 12 + [0.95] * 8)
    assert choose_sources(rows, 0).tolist() == [0] * 12 + [1] * 8


@given(VESSELS)
def test_an_image_of_one_phase_is_of_the_phase_that_ranks_first(vessel):
    rows, first = vessel
    sources = set(choose_sources(rows, first))
    assert len(sources) > 1 or sources == {first}


@given(VESSELS)
def test_a_section_of_another_phase_is_better_by_the_margin_on_average(vessel):
    rows, first = vessel
    sources = choose_sources(rows, first)
    gains = rows[sources, np.arange(rows.shape[1])] - rows[first]
    for phase in set(sources) - {first}:
        assert gains[sources == phase].mean() > MARGIN - 1e-9


@given(VESSELS)
def test_the_image_is_never_worse_than_the_phase_that_ranks_first(vessel):
    rows, first = vessel
    sources = choose_sources(rows, first)
    assert rows[sources, np.arange(rows.shape[1])].sum() >= rows[first].sum() - 1e-9


def test_a_phase_that_ends_early_is_left_in_time():
    rows = quality([0.9] * 5 + [-1] * 15, [0.2] * 12 + [-1] * 8)
    assert choose_sources(rows, 0).tolist() == [0] * 5 + [1] * 7 + [-1] * 8


def test_nothing_filled():
    assert set(choose_sources(quality([-1] * SECTIONS), 0)) == {-1}
    joined = recombine(flat(7), [0.0], quality([-1] * SECTIONS), 0)
    assert set(joined.image.ravel()) == {BEYOND_HU}


@settings(deadline=None)
@given(arrays(np.float64, (3, 6), elements=st.floats(0, 1)))
def test_the_path_is_the_best_of_all_paths(rows):
    handicap = [0, *(max(MARGIN, np.mean(row - rows[0])) for row in rows[1:])]

    def value(path):
        gains = [rows[p, s] - handicap[p] for s, p in enumerate(path)]
        return sum(gains) - SWITCH_COST * np.count_nonzero(np.diff((0, *path)))

    best = max(value(path) for path in np.ndindex(*[3] * 6))
    assert value(choose_sources(rows, 0)) == pytest.approx(best, abs=1e-4)


def test_one_phase_comes_out_as_it_went_in():
    image = np.random.default_rng(0).integers(-100, 500, (STEPS, 4, 4)).astype(np.int16)
    joined = recombine([image], [WHOLE], quality([0.5] * SECTIONS), 0)
    np.testing.assert_array_equal(joined.image, image)
    assert joined.switches == 0


def test_seams_are_cross_faded_and_local():
    rows = quality([0.9] * 10 + [0.1] * 10, [0.1] * 10 + [0.9] * 10)
    joined = recombine(flat(0, 100), [WHOLE, WHOLE], rows, 0)
    profile = joined.image[:, 0, 0]
    seam, half = 10 * PER_SECTION, round(SEAM_MM / STEP_MM / 2)
    assert set(profile[: seam - half - 1]) == {0}
    assert set(profile[seam + half + 1 :]) == {100}
    assert (np.diff(profile) >= 0).all()
    assert np.diff(profile).max() < 15
    assert joined.switches == 1


def test_beyond_the_end_is_empty():
    rows = quality([0.9] * 5 + [-1] * 15, [0.9] * 5 + [-1] * 15)
    joined = recombine(flat(100, 200), [38.0, 38.0], rows, 0)
    last = int(38.0 / STEP_MM)
    assert (joined.image[: last + 1] == 100).all()
    assert (joined.image[last + 1 :] == BEYOND_HU).all()


def test_a_shorter_phase_never_bleeds_past_its_end():
    rows = quality([0.9] * 5 + [-1] * 15, [0.1] * SECTIONS)
    short, long = flat(100, 200)
    short[5 * PER_SECTION :] = BEYOND_HU
    joined = recombine([short, long], [5 * SECTION_MM - STEP_MM, WHOLE], rows, 0)
    assert joined.image.min() >= 100


def test_quality_is_that_of_the_section_taken():
    rows = quality([0.9] * 10 + [0.1] * 9 + [-1], [0.1] * 10 + [0.8] * 9 + [-1])
    joined = recombine(flat(0, 100), [152.0, 152.0], rows, 0)
    np.testing.assert_allclose(joined.quality, [0.9] * 10 + [0.8] * 9 + [-1], rtol=1e-6)


def test_unequal_shapes_are_refused():
    with pytest.raises(InputError) as caught:
        recombine([*flat(1), *flat(2, shape=(STEPS, 3, 3))], [1.0, 1.0], quality([0.5] * 20, [0.5] * 20), 0)
    assert caught.value.code == "recombine-shapes"
