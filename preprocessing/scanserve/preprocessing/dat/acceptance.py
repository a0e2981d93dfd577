"""The acceptance rules of DaTSCAN denoising: what the header and the counts of a tomogram say about each.

What :func:`~scanserve.preprocessing.dat.check_acquisition` and the reading of the counts refuse, refuses a study.
"""

from __future__ import annotations

from os import PathLike

from scanserve.contracts import StudyError
from scanserve.contracts.dat import PIXEL_MM, SHORT_MINUTES, SLICES
from scanserve.preprocessing.acceptance import Judgement, Outcome
from scanserve.preprocessing.dat.acquisition import (
    MATRIX,
    PIXEL_SHARE,
    TURN_DEGREES,
    choose_short,
    is_short,
    turn_degrees,
)
from scanserve.preprocessing.dat.selection import Selection, select_slices
from scanserve.preprocessing.dicom import Progress
from scanserve.preprocessing.nm import Tomogram, read_tomograms

__all__ = ["QUESTIONS", "check_study", "judge"]

#: What neither header nor image shows, asked of whoever requests the restoration.
QUESTIONS = (
    Judgement(
        "question-medication",
        "question",
        "Did the patient take anything that binds to the dopamine transporter (cocaine, amphetamines, "
        "methylphenidate, bupropion)?",
    ),
    Judgement(
        "question-uptake-time",
        "question",
        "Was the scan taken three to six hours after the injection?",
    ),
    Judgement(
        "question-head-motion",
        "question",
        "Did the head lie still while counts were gathered?",
    ),
)


def check_study(path: str | PathLike[str], *, progress: Progress | None = None) -> tuple[Judgement, ...]:
    """Judge a study by the header and the counts of its short acquisition.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: the study cannot be read, or it does not show which tomogram is the short acquisition.
    """
    tomogram = choose_short(read_tomograms(path, progress=progress).tomograms)
    try:
        return judge(tomogram, select_slices(tomogram.counts().values))
    except StudyError as error:
        return judge(tomogram, error)


def judge(tomogram: Tomogram, taken: Selection | StudyError) -> tuple[Judgement, ...]:
    """Every rule on a tomogram.

    Args:
        tomogram: the short acquisition.
        taken: the slices selected of it, or the error that kept them from being.
    """
    rules = (_matrix, _pixels, _slices, _plane, _duration, _place)
    return (*(rule(tomogram) for rule in rules), _counts(taken), *QUESTIONS)


def _matrix(tomogram: Tomogram) -> Judgement:
    _, rows, columns = tomogram.shape
    return Judgement(
        "matrix",
        "met" if (rows, columns) == (MATRIX, MATRIX) else "refused",
        f"The slices have {rows} x {columns} pixels.",
        f"{rows} x {columns}",
        "pixels",
        f"{MATRIX} x {MATRIX}",
        ("Rows", "Columns"),
    )


def _pixels(tomogram: Tomogram) -> Judgement:
    known = [value for value in tomogram.spacing_mm if value is not None]
    worst = max(known, key=lambda value: abs(value / PIXEL_MM - 1))
    outcome: Outcome = "refused" if abs(worst / PIXEL_MM - 1) > PIXEL_SHARE else "met"
    listed = " x ".join(f"{value:.2f}" for value in known)
    return Judgement(
        "pixel-size",
        outcome,
        f"Slices and pixels are {listed} mm apart.",
        round(worst, 3),
        "mm",
        f"{PIXEL_MM:g} mm within {PIXEL_SHARE:.0%}",
        ("PixelSpacing", "SpacingBetweenSlices"),
    )


def _slices(tomogram: Tomogram) -> Judgement:
    count = tomogram.shape[0]
    outcome: Outcome = "refused" if count < SLICES else "met"
    tags = ("NumberOfFrames",)
    return Judgement(
        "coverage", outcome, f"{count} slices were found.", count, "slices", f"at least {SLICES}", tags
    )


def _plane(tomogram: Tomogram) -> Judgement:
    limit, tags = f"at most {TURN_DEGREES:g} degrees from transaxial", ("ImageOrientationPatient",)
    if tomogram.orientation is None:
        message = "The header does not say how the slices lie; they are taken to be transaxial."
        return Judgement("plane", "warning", message, None, "degrees", limit, tags)
    turn = turn_degrees(tomogram.orientation)
    outcome: Outcome = "refused" if turn > TURN_DEGREES else "met"
    message = f"The slices are turned by {turn:.0f} degrees."
    return Judgement("plane", outcome, message, round(turn, 1), "degrees", limit, tags)


def _duration(tomogram: Tomogram) -> Judgement:
    tags = ("ActualFrameDuration", "NumberOfFramesInRotation", "NumberOfDetectors")
    limit, minutes = f"about {SHORT_MINUTES} minutes", tomogram.minutes
    if minutes is None:
        message = "The header does not say how long counts were gathered."
        return Judgement("duration", "warning", message, None, "minutes", limit, tags)
    outcome: Outcome = "met" if is_short(tomogram) else "warning"
    message = f"Counts were gathered for {minutes:.1f} minutes."
    return Judgement("duration", outcome, message, round(minutes, 2), "minutes", limit, tags)


def _place(tomogram: Tomogram) -> Judgement:
    tags = ("ImagePositionPatient", "SpacingBetweenSlices")
    known = tomogram.position is not None and tomogram.step_mm is not None
    message = (
        "The header says where the slices lie." if known else "The header does not say where the slices lie."
    )
    value = "known" if known else "not known"
    return Judgement("place", "met" if known else "warning", message, value, limit="known", tags=tags)


def _counts(taken: Selection | StudyError) -> Judgement:
    limit, tags = "counts in the five slices around the striatum", ("PixelData",)
    if isinstance(taken, StudyError):
        message = f"{taken.message[:1].upper()}{taken.message[1:].rstrip('.')} [{taken.code}]."
        return Judgement("counts", "refused", message, None, "counts", limit, tags)
    greatest = max(taken.scales)
    numbers = [index + 1 for index in taken.indices]
    return Judgement(
        "counts",
        "met",
        f"The greatest count around the striatum is {greatest:.0f}.",
        round(greatest, 1),
        "counts",
        limit,
        tags,
        where=f"slices {numbers[0]} to {numbers[-1]}",
    )
