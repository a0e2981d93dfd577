"""What is taken of a study to be measured: one frontal film, shown the right way, and earlier corrections of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from scanserve.client.spine.hints import Hint
from scanserve.client.spine.placement import Square
from scanserve.client.spine.result import Correction, Result
from scanserve.contracts import InputError
from scanserve.preprocessing import Finding, Skipped
from scanserve.preprocessing.radiograph import Film, Films, read_films
from scanserve.preprocessing.spine import (
    PHOTOMETRIES,
    Photometry,
    Shown,
    check_film,
    choose_film,
    notes_on,
    show,
)

__all__ = ["Earlier", "Taken", "read_earlier", "take", "take_film"]


@dataclass(frozen=True)
class Earlier:
    """Corrections that readers made before: the corners that they fixed, and what they did."""

    hints: tuple[Hint, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, eq=False)
class Taken:
    """What is measured.

    Attributes:
        study_uid: of the study, or ``""``.
        film: the frontal film; ``shown`` what it shows, and ``square`` the same in square pixels.
        earlier: corrections to begin with.
        skipped: the files not used.
        findings: what is to be said about the files and the film.
    """

    study_uid: str
    film: Film
    shown: Shown
    square: Square
    earlier: Earlier
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]

    @property
    def pixel(self) -> tuple[float, float]:
        """Distance between rows, and between columns."""
        assert self.film.scale is not None  # check_film refuses it
        return self.film.scale.pixel


def take(
    study: Path,
    *,
    series: int | None = None,
    pictures: bool = False,
    aspect: float | None = None,
    photometry: Photometry = "auto",
    corrections: Path | None = None,
) -> Taken:
    """Read the frontal film of a study, or the series with that number.

    Raises:
        InputError: what the readers raise, what :func:`check_film` refuses, and :func:`read_earlier`.
    """
    found = read_films(study, pictures=pictures, aspect=aspect)
    return _taken(found, choose_film(found.films, series), photometry, corrections)


def take_film(study: Path, result: Result) -> Taken:
    """The film of an earlier result, shown as it was then.

    Raises:
        InputError: what the readers raise; code ``hints-of-another-film`` where the study does not hold it any more.
    """
    found = read_films(study)
    for film in found.films:
        if film.shape == result.study.shape and film.scale is not None:
            for photometry in PHOTOMETRIES[1:]:
                taken = _taken(found, film, photometry, None)
                if taken.shown.image.sha256 == result.study.sha256:
                    return replace(taken, findings=_without_told(taken.findings))
    raise InputError("hints-of-another-film", "the study does not hold the film of its result any more.")


def _without_told(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.code != "photometry-told")


def _taken(found: Films, film: Film, photometry: Photometry, corrections: Path | None) -> Taken:
    check_film(film)
    shown = show(film, photometry)
    assert film.scale is not None
    return Taken(
        study_uid=found.study_instance_uid,
        film=film,
        shown=shown,
        square=Square.of(shown.image.values, film.scale.pixel),
        earlier=Earlier() if corrections is None else read_earlier(corrections, shown.image.sha256),
        skipped=found.skipped,
        findings=(*found.warnings, *film.findings, *shown.findings, *notes_on(film)),
    )


def read_earlier(path: Path, sha256: str) -> Earlier:
    """The corrections in an earlier ``result.json`` of the film with that hash.

    Raises:
        InputError: code ``corrections-invalid`` or ``hints-of-another-film``.
    """
    try:
        result = Result.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(
            "corrections-invalid",
            f"--corrections must name a result.json of this command, but {path.name} is none.",
        ) from error
    if result.study.sha256 != sha256:
        raise InputError(
            "hints-of-another-film", f"the corrections in {path.name} were made on another film."
        )
    hints = [
        Hint(point, (float(x), float(y)))
        for point, ((x, y), fixed) in enumerate(zip(result.points, result.fixed, strict=True))
        if fixed
    ]
    return Earlier(tuple(hints), tuple(result.corrections))
