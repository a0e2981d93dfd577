import numpy as np

from scanserve.client.ccta.style import VESSEL_STYLES, vessel_style
from scanserve.contracts.ccta import VESSELS


def grey(colour):
    return np.dot([int(colour[i : i + 2], 16) for i in (1, 3, 5)], (0.3, 0.59, 0.11))


def test_every_vessel_has_a_style_of_its_own():
    assert list(VESSEL_STYLES) == [vessel.abbreviation for vessel in VESSELS]
    for attribute in ("colour", "on_dark", "marker"):
        assert len({getattr(style, attribute) for style in VESSEL_STYLES.values()}) == 3


def test_vessel_colours_differ_in_grey():
    shades = [grey(vessel_style(vessel.abbreviation).colour) for vessel in VESSELS]
    assert max(shades) - min(shades) > 20


def test_a_vessel_without_a_style_is_drawn_in_ink():
    assert vessel_style("D1").colour not in {style.colour for style in VESSEL_STYLES.values()}
