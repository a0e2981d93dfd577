from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.geometry import Grid
from scanserve.preprocessing import Volume
from scanserve.training.ccta.datasets.masktree import draw_mask
from tests.support.tube_heart import (
    DIAGONAL,
    FIRST,
    LAD,
    LCX,
    LINES,
    RCA,
    SHAPE,
    arteries,
    ct,
    dense,
    distance_to,
)

pytestmark = pytest.mark.torch

GRID = Grid(SHAPE, FIRST, 1.0)


def drawn(mask: np.ndarray, hu: np.ndarray | None = None):
    return draw_mask(mask, GRID, Volume(ct(mask) if hu is None else hu, GRID))


@pytest.fixture(scope="module")
def whole():
    return drawn(arteries())


def test_every_artery_is_named_and_lies_where_it_was_drawn(whole) -> None:
    assert [vessel.vessel for vessel in whole.vessels] == ["RCA", "LAD", "LCX"]
    for vessel, line in zip(whole.vessels, (RCA, LAD, LCX), strict=True):
        off = distance_to(line, vessel.main_path)
        assert np.median(off) < 0.4
        assert off.max() < 2.0
        assert distance_to(vessel.main_path, dense(line)).max() < 2.0


def test_every_artery_begins_at_its_ostium(whole) -> None:
    for vessel, line in zip(whole.vessels, (RCA, LAD, LCX), strict=True):
        assert np.linalg.norm(vessel.main_path[0] - line[0]) < 3.0


def test_side_branches_run_outward_from_their_trunk(whole) -> None:
    right, lad, lcx = (vessel.lines[1:] for vessel in whole.vessels)
    assert (right, lcx) == ([], [])
    (diagonal,) = lad
    assert np.linalg.norm(diagonal[0] - DIAGONAL[0]) < 3.0
    assert np.linalg.norm(diagonal[-1] - DIAGONAL[-1]) < 3.0


def test_a_whole_mask_needs_no_word(whole) -> None:
    assert whole.findings == ()


def test_a_branch_between_the_two_goes_with_the_nearer() -> None:
    for end, owner in (((66, 20, -40), "LCX"), ((66, -24, -30), "LAD")):
        lines = {**LINES, "LCX": [LCX, np.array([(26, 2, 2), end], float)]}
        vessels = {vessel.vessel: vessel for vessel in drawn(arteries(lines)).vessels}
        ends = {
            name: [tuple(line[-1].round()) for line in vessel.lines[1:]] for name, vessel in vessels.items()
        }
        near = {
            name: min((np.linalg.norm(np.subtract(e, end)) for e in of), default=99)
            for name, of in ends.items()
        }
        assert min(near, key=near.get) == owner
        assert near[owner] < 3


def test_a_loose_piece_is_left_out_and_said() -> None:
    loose = np.array([(-55, 50, 20), (-55, 50, -5)], float)
    result = drawn(arteries({**LINES, "loose": [loose]}))
    assert [finding.code for finding in result.findings] == ["pieces-left-out"]
    assert all(distance_to(loose, line).min() > 20 for vessel in result.vessels for line in vessel.lines)


def test_a_mask_in_pieces_is_refused() -> None:
    loose = [np.array([(-60, y, 20), (-60, y, -20)], float) for y in (-50, 40, 57)]
    with pytest.raises(InputError, match="15%") as caught:
        drawn(arteries({**LINES, "loose": loose}))
    assert caught.value.code == "mask-in-pieces"


def test_a_left_tree_without_a_fork_is_refused() -> None:
    with pytest.raises(InputError, match="two paths") as caught:
        drawn(arteries({"RCA": [RCA], "LAD": [LAD]}))
    assert caught.value.code == "course-unclear"


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["upside down", "back to front", "left for right"])
def test_a_heart_stored_the_other_way_round_is_refused(axis: int) -> None:
    mask = arteries()
    with pytest.raises(InputError) as caught:
        drawn(np.flip(mask, axis), np.flip(ct(mask), axis))
    assert caught.value.code == "course-unclear"
