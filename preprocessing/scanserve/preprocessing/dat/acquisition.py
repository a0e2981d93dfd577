"""Which tomogram of a study is the short acquisition, and whether it is one that the networks are for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanserve.contracts import StudyError
from scanserve.contracts.dat import PIXEL_MM, SHORT_MINUTES, SLICES
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.nm import Tomogram

__all__ = [
    "MATRIX",
    "PIXEL_SHARE",
    "TURN_DEGREES",
    "check_acquisition",
    "choose_short",
    "is_short",
    "notes_on",
    "turn_degrees",
]

#: Rows and columns of the slices that the networks are for.
MATRIX = 128
#: Pixels may differ from 3.29 mm by this share: the structures must have the size that was learned.
PIXEL_SHARE = 0.1
#: An acquisition is short when it lasted 5 minutes, give or take this share.
DURATION_SHARE = 0.25
#: Slices may be turned from the transaxial plane toward the line of the commissures by so many degrees.
TURN_DEGREES = 30.0


def choose_short(tomograms: Sequence[Tomogram], series_number: int | None = None) -> Tomogram:
    """The tomogram to restore.

    Args:
        tomograms: all of the study, at least one.
        series_number: the one that is wanted; without, the only one, or the only one of about 5 minutes.

    Raises:
        StudyError: code ``unknown-series`` or ``several-series``.
    """
    if series_number is not None:
        return _of_series(tomograms, series_number)
    if len(tomograms) == 1:
        return tomograms[0]
    short = [tomogram for tomogram in tomograms if is_short(tomogram)]
    if len(short) != 1:
        raise StudyError(
            "several-series",
            f"one tomogram of about {SHORT_MINUTES} minutes is needed but the study holds "
            f"{_listed(tomograms)}; say which by its series number.",
        )
    return short[0]


def check_acquisition(tomogram: Tomogram) -> None:
    """Refuse what the networks are not for.

    Raises:
        StudyError: code ``wrong-matrix``, ``wrong-pixel-size``, ``too-few-slices`` or ``not-transaxial``.
    """
    slices, rows, columns = tomogram.shape
    if (rows, columns) != (MATRIX, MATRIX):
        raise StudyError(
            "wrong-matrix", f"slices must have {MATRIX} x {MATRIX} pixels but have {rows} x {columns}."
        )
    _check_spacing([value for value in tomogram.spacing_mm if value is not None])
    if slices < SLICES:
        raise StudyError("too-few-slices", f"at least {SLICES} slices are needed but there are {slices}.")
    if tomogram.orientation is not None:
        _check_transaxial(turn_degrees(tomogram.orientation))


def notes_on(tomogram: Tomogram) -> tuple[Finding, ...]:
    """What a reader should know of an acquisition that may be restored all the same."""
    notes = []
    if tomogram.minutes is None:
        notes.append(Finding("duration-unknown", "the header does not say how long counts were gathered."))
    elif not is_short(tomogram):
        message = (
            f"counts were gathered for {tomogram.minutes:.1f} minutes; "
            f"the networks learned from {SHORT_MINUTES}."
        )
        notes.append(Finding("other-duration", message))
    if tomogram.orientation is None:
        message = "the slices are taken to be transaxial; restored ones are written without a place."
        notes.append(Finding("orientation-assumed", message))
    return (*notes, *_place_notes(tomogram))


def _place_notes(tomogram: Tomogram) -> list[Finding]:
    if tomogram.step_mm is None or tomogram.position is None:
        unknown = "where the slices lie" if tomogram.position is None else "how far slices are apart"
        message = f"the header does not say {unknown}, so that restored ones are written without a place."
        return [Finding("place-unknown", message)]
    if tomogram.spacing_mm[0] is None:
        message = (
            f"the header does not say how far slices are apart; that is taken to be their thickness, "
            f"{tomogram.step_mm:g} mm."
        )
        return [Finding("slice-spacing-assumed", message)]
    return []


def _of_series(tomograms: Sequence[Tomogram], series_number: int) -> Tomogram:
    wanted = [tomogram for tomogram in tomograms if tomogram.series_number == series_number]
    if len(wanted) != 1:
        raise StudyError(
            "unknown-series",
            f"series {series_number} must be one tomogram of the study but is {len(wanted)}; "
            f"it holds {_listed(tomograms)}.",
        )
    return wanted[0]


def _check_spacing(values: Sequence[float]) -> None:
    if max(abs(value / PIXEL_MM - 1) for value in values) > PIXEL_SHARE:
        raise StudyError(
            "wrong-pixel-size",
            f"pixels and slices must be {PIXEL_MM:g} mm apart, within {PIXEL_SHARE:.0%}, but are "
            f"{' x '.join(f'{value:.2f}' for value in values)} mm.",
        )


def _check_transaxial(degrees: float) -> None:
    if degrees > TURN_DEGREES:
        raise StudyError(
            "not-transaxial",
            f"slices must be transaxial, within {TURN_DEGREES:g} degrees, but are turned by "
            f"{degrees:.0f} degrees.",
        )


def is_short(tomogram: Tomogram) -> bool:
    """Whether counts were gathered for about the time that the networks are for."""
    minutes = tomogram.minutes
    return minutes is not None and abs(minutes / SHORT_MINUTES - 1) <= DURATION_SHARE


def _listed(tomograms: Sequence[Tomogram]) -> str:
    return ", ".join(_described(tomogram) for tomogram in tomograms)


def _described(tomogram: Tomogram) -> str:
    number = "?" if tomogram.series_number is None else tomogram.series_number
    duration = "unknown duration" if tomogram.minutes is None else f"{tomogram.minutes:.1f} min"
    return f"series {number} ({duration})"


def turn_degrees(orientation: Sequence[float]) -> float:
    """Angle in degrees between the slices and the transaxial plane."""
    normal = np.cross(orientation[:3], orientation[3:])
    length = np.linalg.norm(normal)
    return float(np.degrees(np.arccos(min(1.0, abs(normal[2]) / length)))) if length else 90.0
