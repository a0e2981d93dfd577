"""What the user asks for: these series, or all but those; phases that are not fit as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.decision.series import Part
from scanserve.preprocessing.ct.slices import Slice

__all__ = ["Wishes"]


@dataclass(frozen=True)
class Wishes:
    """What the user asks for.

    Attributes:
        series: the only series to look at, each by number, UID or a part of its description; empty for all.
        without_series: series not to look at, named alike.
        unfit: whether phases that are not fit for the analysis are wanted all the same.
    """

    series: tuple[str, ...] = ()
    without_series: tuple[str, ...] = ()
    unfit: bool = False

    def names(self, part: Part) -> bool:
        """Whether the user names the series of the part as one to look at."""
        return any(_is_named(name, part.slices) for name in self.series)

    def wants(self, part: Part) -> bool:
        """Whether the series of the part is to be looked at."""
        if any(_is_named(name, part.slices) for name in self.without_series):
            return False
        return not self.series or self.names(part)

    def check(self, parts: Sequence[Part]) -> None:
        """Refuse names that no series has.

        Raises:
            StudyError: code ``unknown-series``.
        """
        for name in (*self.series, *self.without_series):
            if not any(_is_named(name, part.slices) for part in parts):
                stated = {image.series_number for part in parts for image in part.slices}
                numbers = sorted(number for number in stated if number is not None)
                raise StudyError(
                    "unknown-series",
                    f"no CT series has the number, the UID or the description {name!r}; "
                    f"there are the series {', '.join(map(str, numbers)) or 'without numbers'}.",
                )


def _is_named(name: str, slices: Iterable[Slice]) -> bool:
    wanted = name.strip().casefold()
    return any(_fits(wanted, *names) for names in {_names(image) for image in slices})


def _names(image: Slice) -> tuple[str, str, str]:
    number = "" if image.series_number is None else str(image.series_number)
    return number, image.series_uid, image.phase_tags.series_description.casefold()


def _fits(wanted: str, number: str, uid: str, description: str) -> bool:
    """A number names by number alone; other words by UID, or as a part of the description."""
    if not wanted or wanted.isdecimal():
        return bool(wanted) and wanted == number
    return wanted == uid or wanted in description
