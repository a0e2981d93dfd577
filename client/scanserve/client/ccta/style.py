"""How a vessel is shown: one colour and one marker, in every figure and in the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanserve.client.runs.style import INK

__all__ = ["VESSEL_STYLES", "VesselStyle", "vessel_style"]


@dataclass(frozen=True)
class VesselStyle:
    """Colours ``#rrggbb`` on white and on a dark page, and matplotlib's marker."""

    colour: str
    on_dark: str
    marker: str


#: By abbreviation.  Okabe and Ito's colours (2008): distinct for every common form of colour blindness, and in grey.
VESSEL_STYLES: Mapping[str, VesselStyle] = {
    "RCA": VesselStyle("#D55E00", "#f08a3c", "o"),
    "LAD": VesselStyle("#0072B2", "#5ab0e8", "s"),
    "LCX": VesselStyle("#009E73", "#3ccba0", "^"),
}
_OTHER = VesselStyle(INK, "#eceff2", "o")


def vessel_style(vessel: str) -> VesselStyle:
    """The style of the vessel called ``vessel``; ink for one that has none of its own."""
    return VESSEL_STYLES.get(vessel, _OTHER)
