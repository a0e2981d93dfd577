"""One film that is corrected: what the page asks, and what it may order.

The server of the models keeps nothing of it, and neither does the workbench but what was saved last: a click brings
all that it needs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scanserve.client.spine.doubts import doubts_of, order_of_doubt
from scanserve.client.spine.hints import check_hints
from scanserve.client.spine.measures import curves_of, largest_degrees, sides_of
from scanserve.client.spine.page.messages import Measure, Save, Settle
from scanserve.client.spine.placement import Points
from scanserve.client.spine.reader import FilmReader, Reading
from scanserve.client.spine.run import Found
from scanserve.client.spine.taken import Taken
from scanserve.contracts import InputError
from scanserve.contracts.spine import CORNERS, VERTEBRAE

__all__ = ["Answer", "Workbench"]

#: What is sent as JSON.
Answer = dict[str, Any]

_DEEPEST = 65535
_PLACE = 3


@dataclass
class Workbench:
    """One film with its corners.

    Args:
        taken: the film.
        reader: of the film; it raises at once where the server is gone, because the page asks again.
        found: what was read, or saved before.
        write: writes what was corrected.
        notice: of the result.
        who: the name of the reader to begin with.
    """

    taken: Taken
    reader: FilmReader
    found: Found
    write: Callable[[Found], None]
    notice: str
    who: str = ""
    version: int = 1
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _saving: threading.Lock = field(default_factory=threading.Lock)

    def state(self) -> Answer:
        """Everything that the page shows when it opens."""
        rows, columns = self.taken.film.shape
        reading = self.found.reading
        return {
            "film": self.taken.shown.image.sha256,
            "rows": rows,
            "columns": columns,
            "pixel": self.taken.pixel,
            "sides": sides_of(self.taken.film),
            "vertebrae": VERTEBRAE,
            "corners": CORNERS,
            "version": self.version,
            "who": self.who,
            "network": self.reader.network.name,
            "notice": self.notice,
            "notes": [finding.message for finding in self.taken.findings],
            "fixed": [int(point) for point in np.flatnonzero(reading.fixed)],
            "corrections": [item.model_dump(mode="json") for item in self.found.corrections],
            **self._answer(reading),
        }

    def pixels(self) -> bytes:
        """The film row by row, 0 to 65535, two bytes a pixel, little-endian."""
        return np.rint(self.taken.shown.image.values * _DEEPEST).astype("<u2").tobytes()

    def settle(self, message: Settle) -> Answer:
        """The corners, given those that the reader has fixed.

        Raises:
            InputError: code ``hints-of-another-film``, or what :meth:`FilmReader.settle` raises.
            ServerError: the server is absent, died, or refused.
        """
        self._check_film(message.film)
        start = time.perf_counter()
        with self._lock:
            reading = self.reader.settle(self._box(message.box), [hint.to_hint() for hint in message.hints])
        return {**self._answer(reading), "ms": round(1000 * (time.perf_counter() - start))}

    def measure(self, message: Measure) -> Answer:
        """The curves of corners.

        Raises:
            InputError: code ``hints-of-another-film``.
        """
        self._check_film(message.film)
        return self._curves(message.array())

    def save(self, message: Save) -> Answer:
        """Write the corners and what was done to them to the result.

        Raises:
            InputError: code ``hints-of-another-film``, ``corrections-conflict``, or what the hints or the output
                folder are refused for.
        """
        self._check_film(message.film)
        hints = [hint.to_hint() for hint in message.hints]
        check_hints(hints, self.taken.film.shape)
        with self._saving:
            if message.version != self.version:
                raise InputError(
                    "corrections-conflict", "corrections were saved elsewhere since this page was opened."
                )
            points = self._checked(np.array(message.points, np.float64))
            fixed = np.zeros(len(points), np.bool_)
            for hint in hints:
                points[hint.point], fixed[hint.point] = hint.place, True
            peaks = np.where(fixed, 1.0, np.clip(np.nan_to_num(message.peaks), 0, 1))
            found = Found(Reading(points, peaks, fixed, self._box(message.box)), message.clean_corrections())
            self.write(found)
            self.found = found
            self.version += 1
            return {"version": self.version}

    def _answer(self, reading: Reading) -> Answer:
        doubts = doubts_of(reading.points, reading.peaks, reading.fixed, self.taken.film.shape)
        return {
            "points": np.round(reading.points, _PLACE).tolist(),
            "peaks": np.round(reading.peaks, 4).tolist(),
            "box": reading.box,
            "doubts": doubts,
            "order": order_of_doubt(doubts, reading.peaks),
            **self._curves(reading.points),
        }

    def _curves(self, points: Points) -> Answer:
        curves = curves_of(points, self.taken.pixel, sides_of(self.taken.film))
        return {
            "curves": [curve.model_dump(mode="json") for curve in curves],
            "largest": largest_degrees(points, self.taken.pixel),
        }

    def _box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """A box inside of the film; all of it where the message's is none."""
        left, top, right, bottom = self.reader.whole
        x0, y0, x1, y1 = (
            min(max(float(value), low), high)
            for value, low, high in zip(
                box, (left, top, left, top), (right, bottom, right, bottom), strict=True
            )
        )
        return (x0, y0, x1, y1) if x1 - x0 >= 1 and y1 - y0 >= 1 else self.reader.whole

    def _checked(self, points: Points) -> Points:
        """Corners that lie in the film, or as far beyond it as a film may cut a spine off.

        Raises:
            InputError: code ``hint-outside-image``.
        """
        rows, columns = self.taken.film.shape
        if (points < -max(rows, columns)).any() or (points > 2 * max(rows, columns)).any():
            raise InputError("hint-outside-image", "corners must lie in the film or near it.")
        return points

    def _check_film(self, sha256: str) -> None:
        if sha256 != self.taken.shown.image.sha256:
            raise InputError("hints-of-another-film", "the corrections were made on another film.")
