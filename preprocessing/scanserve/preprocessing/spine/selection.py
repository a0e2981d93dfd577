"""Which film of a study is the frontal film of the spine, and whether curves can be measured in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from scanserve.contracts import StudyError
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.radiograph import Film

__all__ = [
    "LEAST_COLUMNS",
    "LEAST_ROWS",
    "Sides",
    "check_film",
    "choose_film",
    "is_frontal",
    "is_spine",
    "notes_on",
    "sides_of",
]

#: Rows and columns below which vertebrae cannot be told apart.
LEAST_ROWS, LEAST_COLUMNS = 256, 64
#: Views from the front or the back (PS3.3 C.8.1.3, C.8.11.5).
_FRONTAL = frozenset({"AP", "PA", ""})
#: Words by which body parts and descriptions name the spine, in the languages of the descriptions that were seen.
_SPINE = re.compile(r"SPINE|SPINAL|SCOLI|SKOLI|WIRBEL|RACHIS|COLONNE|COLUMNA|VERTEBR")
#: Parts of the spine that hold no thoracic and lumbar vertebrae.
_NECK = re.compile(r"^(C[ -]?SPINE|CERVICAL ?SPINE|SACRUM|COCCYX|SSPINE)$")
#: Body parts that say too little to exclude the spine.
_VAGUE = frozenset({"", "TRUNK", "WHOLEBODY", "UNKNOWN", "OTHER"})

#: Body parts and views of the standard that messages repeat (PS3.16, annex L; PS3.3 C.8.1.3, C.8.11.5).
_PARTS = frozenset(
    {"", *_VAGUE, "ABDOMEN", "ANKLE", "ARM", "CHEST", "CSPINE", "ELBOW", "FEMUR", "FINGER", "FOOT", "FOREARM"}
    | {
        "HAND",
        "HEAD",
        "HIP",
        "HUMERUS",
        "JAW",
        "KNEE",
        "LEG",
        "LSPINE",
        "LUMBARSPINE",
        "NECK",
        "PELVIS",
        "RIB",
    }
    | {"SHOULDER", "SKULL", "SPINE", "SSPINE", "THORAX", "THORACICSPINE", "TSPINE", "WHOLESPINE", "WRIST"}
)
_VIEWS = frozenset({*_FRONTAL, "LL", "RL", "LLD", "RLD", "LLO", "RLO"})

#: Which side of the patient the right side of the film is.
Sides = Literal["patient's left", "patient's right", "unknown"]


def is_spine(film: Film) -> bool:
    """Whether the header says that the film shows the spine, or leaves it open."""
    if _NECK.match(film.body_part):
        return False
    named = _SPINE.search(film.body_part) or _SPINE.search(film.description)
    return bool(named) or film.body_part in _VAGUE


def is_frontal(film: Film) -> bool:
    """Whether the header says that the film was taken from the front or the back, or leaves it open."""
    return film.view in _FRONTAL


def sides_of(film: Film) -> Sides:
    """Which side of the patient the right side of the film is, by PatientOrientation."""
    toward = film.orientation[0][:1].upper() if film.orientation and film.orientation[0] else ""
    known: dict[str, Sides] = {"L": "patient's left", "R": "patient's right"}
    return known.get(toward, "unknown")


def choose_film(films: Sequence[Film], series_number: int | None = None) -> Film:
    """The film to measure.

    Args:
        films: all of the study, at least one.
        series_number: the one that is wanted; without, the only frontal film of the spine.

    Raises:
        StudyError: code ``unknown-series``, ``no-spine-film``, ``not-frontal`` or ``several-films``.
    """
    asked = [film for film in films if series_number is None or film.series_number == series_number]
    if not asked:
        message = f"series {series_number} must be a film of the study; it holds {_listed(films)}."
        raise StudyError("unknown-series", message)
    spines = [film for film in asked if is_spine(film)]
    if not spines:
        message = f"a film of the spine is needed, but the study holds {_listed(asked)}."
        raise StudyError("no-spine-film", message)
    frontal = [film for film in spines if is_frontal(film)]
    if not frontal:
        message = (
            f"a film from the front or the back (AP, PA) is needed, but the study holds {_listed(spines)}."
        )
        raise StudyError("not-frontal", message)
    if len(frontal) > 1:
        message = (
            f"one frontal film of the spine is needed but the study holds {_listed(frontal)}; "
            "say which by its series number."
        )
        raise StudyError("several-films", message)
    return frontal[0]


def check_film(film: Film) -> None:
    """Refuse what no curve can be measured in.

    Raises:
        StudyError: code ``film-too-small`` or ``no-pixel-aspect``.
    """
    rows, columns = film.shape
    if rows < LEAST_ROWS or columns < LEAST_COLUMNS:
        raise StudyError(
            "film-too-small",
            f"a film must have {LEAST_ROWS} rows and {LEAST_COLUMNS} columns at least, but has {rows} x {columns}.",
        )
    if film.scale is None:
        raise StudyError(
            "no-pixel-aspect",
            "the film does not say whether its pixels are square, so that no angle can be measured in it.",
        )


def notes_on(film: Film) -> tuple[Finding, ...]:
    """What a reader should know of a film that may be measured all the same."""
    notes = []
    if not film.view:
        notes.append(Finding("view-unknown", "the header does not say that the film is frontal."))
    if film.scale is not None and film.scale.source == "standard":
        message = "the header states no size of a pixel; pixels are square by the standard."
        notes.append(Finding("aspect-assumed", message))
    if sides_of(film) == "unknown":
        message = "the header does not say which side of the film is the patient's left; sides are those of the film."
        notes.append(Finding("sides-unknown", message))
    return tuple(notes)


def _listed(films: Sequence[Film]) -> str:
    return ", ".join(_described(film) for film in films)


def _described(film: Film) -> str:
    number = "?" if film.series_number is None else film.series_number
    stated = (_word(film.body_part, _PARTS, "another body part"), _word(film.view, _VIEWS, "another view"))
    seen = ", ".join(part for part in stated if part)
    return f"series {number} ({seen or 'nothing stated'})"


def _word(text: str, known: frozenset[str], other: str) -> str:
    """A word of the standard as it stands; what else a header says is not repeated: it may name somebody."""
    return text if text in known else other
