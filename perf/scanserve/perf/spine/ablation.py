"""What measures the vertebra networks of an ablation: test films, read again after clicks of a simulated reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from scanserve.contracts import InputError
from scanserve.perf.ablation import Columns, Measured

__all__ = ["STUDIES", "FilmJudge", "judge_in"]

#: Number of test films.
STUDIES = 64
COLUMNS = Columns(
    {
        "mre_0_clicks_px": "0 clicks",
        "mre_1_clicks_px": "1 click",
        "mre_3_clicks_px": "3 clicks",
        "manual_mre_1_clicks_px": "1, manual",
        "manual_mre_3_clicks_px": "3, manual",
        "median_0_clicks_px": "median film, 0 clicks",
    },
    "Mean errors are in pixels of films of 2,400 rows.",
)


class ReadsFilms(Protocol):
    """A trained network, which can read test films."""

    def figures(self, films: int) -> Mapping[str, float]:
        """Its figures on so many test films."""


class FilmJudge:
    """Lets a network read ``studies`` test films.

    Attributes:
        tables, described, notes: see :class:`~scanserve.perf.ablation.Judge`.
    """

    tables, notes = (COLUMNS,), ()

    def __init__(self, studies: int) -> None:
        self.studies, self.described = studies, f"{studies} test phantoms"

    def measure(self, trained: ReadsFilms) -> Measured:
        """The figures of a network."""
        return Measured(trained.figures(self.studies))


def judge_in(studies: int | None, into: Sequence[Path], unenhanced: Sequence[Path]) -> FilmJudge:
    """The judge on test films; see :class:`~scanserve.perf.ablation.FindJudge`.

    Raises:
        InputError: code ``one-population`` for any CT.
    """
    if into or unenhanced:
        raise InputError("one-population", "films of the spine are not laid into CTs, so none can be given.")
    return FilmJudge(studies or STUDIES)
