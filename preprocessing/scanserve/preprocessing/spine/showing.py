"""The pixels of a film the right way: dense tissue bright, whatever its header says about black and white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from scanserve.contracts import StudyError
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.radiograph import Film, FilmImage

__all__ = ["PHOTOMETRIES", "Photometry", "Shown", "show"]

#: ``auto``: as the header states it, refused where the pixels contradict it.  ``stated``: as the header states it.
#: ``reversed``: the other way.
Photometry = Literal["auto", "stated", "reversed"]
PHOTOMETRIES: tuple[Photometry, ...] = get_args(Photometry)


@dataclass(frozen=True, eq=False)
class Shown:
    """The image of a film, and what is to be said about it."""

    image: FilmImage
    findings: tuple[Finding, ...] = ()


def show(film: Film, photometry: Photometry = "auto") -> Shown:
    """Read the pixels and decide what is black and what is white.

    Raises:
        StudyError: what :meth:`Film.load` raises; with ``auto`` code ``inconsistent-photometry`` where the pixels say
            the reverse of the header, or where the header contradicts itself and the pixels do not tell.
    """
    image = film.load()
    if photometry != "auto":
        told = "as its header states" if photometry == "stated" else "the reverse of what its header states"
        note = Finding("photometry-told", f"the film is shown {told}, because that was asked for.")
        return Shown(image if photometry == "stated" else image.inverted(), (note,))
    if image.polarity == "dark":
        raise StudyError(
            "inconsistent-photometry",
            "by its header the film shows the spine darker than what lies beside it, so that black and white seem "
            "to be exchanged.",
        )
    if film.rendering.contradictory:
        if image.polarity == "unclear":
            message = "the header says both that black and white are exchanged and that they are not."
            raise StudyError("inconsistent-photometry", message)
        note = Finding(
            "photometry-doubtful", "the header contradicts itself about black and white; the pixels decided."
        )
        return Shown(image, (note,))
    return Shown(image)
