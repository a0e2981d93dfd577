"""The acceptance rules of curves of the spine: what the header and the pixels of a film say about each.

What :func:`~scanserve.preprocessing.spine.selection.check_film` and the reading of the pixels refuse, refuses a study.
"""

from __future__ import annotations

from os import PathLike

from scanserve.contracts import StudyError
from scanserve.preprocessing.acceptance import Judgement, Outcome
from scanserve.preprocessing.dicom import Progress
from scanserve.preprocessing.radiograph import Film, read_films
from scanserve.preprocessing.spine.selection import LEAST_COLUMNS, LEAST_ROWS, choose_film, sides_of
from scanserve.preprocessing.spine.showing import Shown, show

__all__ = ["QUESTIONS", "check_study", "judge"]

#: What neither header nor image shows, asked of whoever requests the measurement.
QUESTIONS = (
    Judgement("question-standing", "question", "Did the patient stand upright, without a brace?"),
    Judgement(
        "question-numbering",
        "question",
        "Has the patient another number of ribs or lumbar vertebrae than usual?",
    ),
)


def check_study(path: str | PathLike[str], *, progress: Progress | None = None) -> tuple[Judgement, ...]:
    """Judge a study by the header and the pixels of its frontal film of the spine.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: the study cannot be read, or it does not show which film is meant.
    """
    film = choose_film(read_films(path, progress=progress).films)
    try:
        return judge(film, show(film))
    except StudyError as error:
        return judge(film, error)


def judge(film: Film, shown: Shown | StudyError) -> tuple[Judgement, ...]:
    """Every rule on a film.

    Args:
        film: the frontal film.
        shown: its pixels, or the error that kept them from being shown.
    """
    rules = (_matrix, _aspect, _view, _sides, _depth)
    return (*(rule(film) for rule in rules), _photometry(shown), *QUESTIONS)


def _matrix(film: Film) -> Judgement:
    rows, columns = film.shape
    fits = rows >= LEAST_ROWS and columns >= LEAST_COLUMNS
    message = f"The film has {rows} rows and {columns} columns."
    return Judgement(
        "matrix",
        "met" if fits else "refused",
        message,
        f"{rows} x {columns}",
        "pixels",
        f"at least {LEAST_ROWS} x {LEAST_COLUMNS}",
        ("Rows", "Columns"),
    )


def _aspect(film: Film) -> Judgement:
    tags, limit = ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"), "known"
    if film.scale is None:
        message = "The film does not say whether its pixels are square."
        return Judgement("pixel-aspect", "refused", message, None, "", limit, tags)
    ratio = film.scale.rows / film.scale.columns
    outcome: Outcome = "warning" if film.scale.source == "standard" else "met"
    message = f"Pixels are {ratio:.3f} times as high as wide."
    if film.scale.source == "standard":
        message = "The header states no size of a pixel; pixels are square by the standard."
    return Judgement("pixel-aspect", outcome, message, round(ratio, 4), "", limit, tags)


def _view(film: Film) -> Judgement:
    message = f"The view is {film.view}." if film.view else "The header does not state the view."
    outcome: Outcome = "met" if film.view else "warning"
    return Judgement("view", outcome, message, film.view or None, "", "AP or PA", ("ViewPosition",))


def _sides(film: Film) -> Judgement:
    sides, tags = sides_of(film), ("PatientOrientation",)
    if sides == "unknown":
        message = "The header does not say which side of the film is the patient's left."
        return Judgement("sides", "warning", message, None, "", "known", tags)
    return Judgement("sides", "met", f"The film's right is the {sides}.", sides, "", "known", tags)


def _depth(film: Film) -> Judgement:
    few = next((note for note in film.findings if note.code == "eight-bit"), None)
    bits = 8 if film.pixel_format is None else film.pixel_format.bits_stored
    outcome: Outcome = "warning" if few or film.pixel_format is None else "met"
    return Judgement(
        "bit-depth", outcome, f"A pixel has {bits} bits.", bits, "bits", "more than 8", ("BitsStored",)
    )


def _photometry(shown: Shown | StudyError) -> Judgement:
    limit, tags = "the spine brighter than what lies beside it", ("PhotometricInterpretation", "PixelData")
    if isinstance(shown, StudyError):
        message = f"{shown.message[:1].upper()}{shown.message[1:].rstrip('.')} [{shown.code}]."
        return Judgement("photometry", "refused", message, None, "", limit, tags)
    polarity = shown.image.polarity
    words = {"bright": "The spine is brighter than what lies beside it."}
    message = words.get(polarity, "Whether the spine is brighter than what lies beside it is not clear.")
    outcome: Outcome = "met" if polarity == "bright" and not shown.findings else "warning"
    return Judgement("photometry", outcome, message, polarity, "", limit, tags)
