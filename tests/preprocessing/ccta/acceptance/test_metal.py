import numpy as np
import pytest

from scanserve.preprocessing import Volume
from scanserve.preprocessing.ccta.acceptance.metal import BULKY, CLIPS, LEAD, WIRES, find_metal
from scanserve.preprocessing.ccta.anatomy import CoarseVolume
from tests.support.chest import SPACING, chest

FINE = 2
STEP = np.array(SPACING[::-1]) / FINE


def volume_with(*pieces):
    """A chest with pieces of metal: boxes of a middle and a size, (z, y, x) in mm from the middle of the volume."""
    hu = chest().repeat(FINE, 0).repeat(FINE, 1).repeat(FINE, 2)
    for middle, size in pieces:
        low = np.array(hu.shape) / 2 + (np.array(middle) - np.array(size) / 2) / STEP
        high = low + np.array(size) / STEP
        z, y, x = (slice(round(a), max(round(a) + 1, round(b))) for a, b in zip(low, high, strict=True))
        hu[z, y, x] = 3071
    return Volume.at(hu, (0, 0, 0), np.array(SPACING) / FINE)


def found(*pieces):
    volume = volume_with(*pieces)
    return {metal.what: metal for metal in find_metal(volume, CoarseVolume.from_volume(volume))}


LEAD_PIECE = ((0, -15, 10), (50, 2.2, 2))
WIRE_PIECE = ((10, -85, 0), (2.5, 2.2, 14))
CLIP_PIECE = ((0, -10, 30), (2.5, 2.2, 4))


def test_a_chest_without_metal_has_none():
    assert found() == {}


@pytest.mark.parametrize(("piece", "what"), [(LEAD_PIECE, LEAD), (WIRE_PIECE, WIRES), (CLIP_PIECE, CLIPS)])
def test_pieces_are_named_by_place_and_extent(piece, what):
    assert list(found(piece)) == [what]


def test_a_bulky_piece_is_a_valve_or_a_vein():
    (only,) = found(((0, -15, 0), (12, 12, 12))).values()
    assert (only.what, only.confidence) == (BULKY, "low")


def test_pieces_of_a_kind_are_counted_together():
    wires = [((z, -85, 0), (2.5, 2.2, 14)) for z in (-40, -15, 10, 35)]
    assert found(*wires)[WIRES].pieces == 4


def test_the_place_is_that_of_the_largest():
    volume = volume_with(LEAD_PIECE)
    (metal,) = find_metal(volume, CoarseVolume.from_volume(volume))
    middle = (np.array(volume.hu.shape) / 2 * STEP)[::-1] + LEAD_PIECE[0][::-1]
    assert metal.center_mm == pytest.approx(middle, abs=2)


def test_many_saturated_voxels_are_sure_and_few_are_not():
    assert found(LEAD_PIECE)[LEAD].confidence == "high"
    assert found(((0, -10, 30), (2.5, 2.2, 2)))[CLIPS].confidence == "low"


def test_metal_on_the_skin_and_outside_is_no_finding():
    assert found(((0, -99, 60), (4, 2.2, 10)), ((0, -105, 0), (4, 2.2, 10))) == {}
