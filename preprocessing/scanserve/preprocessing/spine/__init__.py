"""What the spine application takes from a study: one frontal film of the spine, shown the right way."""

from scanserve.preprocessing.spine.acceptance import check_study
from scanserve.preprocessing.spine.selection import (
    check_film,
    choose_film,
    is_frontal,
    is_spine,
    notes_on,
    sides_of,
)
from scanserve.preprocessing.spine.showing import PHOTOMETRIES, Photometry, Shown, show

__all__ = [
    "PHOTOMETRIES",
    "Photometry",
    "Shown",
    "check_film",
    "check_study",
    "choose_film",
    "is_frontal",
    "is_spine",
    "notes_on",
    "show",
    "sides_of",
]
