"""Reading a film through the served models: the spine is found on the whole film, and then read again closer.

A click is one request to the network: the part of the film that it reads is placed once, and kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanserve.client.runs.resilience import Infer
from scanserve.client.spine.hints import Hints, check_hints, tensors
from scanserve.client.spine.placement import Placement, Points, Square
from scanserve.contracts import ModelSpec
from scanserve.contracts.spine import IMAGE_SHAPE, NETWORKS, PREPARE_GRAPH, SPINE

__all__ = ["Box", "FilmReader", "Reading", "box_around", "network_named"]

#: Left, top, right, bottom of a part of a square film, as bounds of a slice.
Box = tuple[float, float, float, float]

#: Above and below the spine this share of its height is read as well: the networks learned from films like that.
MARGIN = 0.06
#: Beside the spine at least this share of its height: ribs tell the levels.
BESIDE = 0.12
#: A vertebra counts for finding the spine where the mean peak of its corners is at least this share of the best.
LEAST_SHARE = 0.3


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network found.

    Attributes:
        points: (68, 2) ``(x, y)`` in pixels of the film as stored.
        peaks: (68,), 0 to 1.
        fixed: (68,), whether a reader has put the point there.
        box: the part of the square film that was read.
    """

    points: Points
    peaks: npt.NDArray[np.float64]
    fixed: npt.NDArray[np.bool_]
    box: Box


@dataclass
class FilmReader:
    """Reads one film with one network; safe to use from one thread at a time.

    Args:
        square: the film among square pixels.
        shape: rows, columns of the film as stored.
        network: the model that reads.
        infer: runs a model.
    """

    square: Square
    shape: tuple[int, int]
    network: ModelSpec
    infer: Infer
    _placed: dict[Box, tuple[npt.NDArray[np.float32], Placement]] = field(default_factory=dict)

    @property
    def whole(self) -> Box:
        """All of the square film."""
        rows, columns = self.square.values.shape
        return (0.0, 0.0, float(columns), float(rows))

    def read(self, hints: Hints = ()) -> Reading:
        """Find the spine on the whole film, and read it again closer.

        Raises:
            InputError: as :func:`~scanserve.client.spine.hints.check_hints`.
            ServerError: the server is absent, died, or refused.
        """
        first = self.settle(self.whole, hints)
        return self.settle(box_around(self.square.from_film(first.points), first.peaks, self.whole), hints)

    def settle(self, box: Box, hints: Hints = ()) -> Reading:
        """Read a part of the film, given the corners that a reader has fixed; these come back exactly as given.

        The part is made larger where a hint lies outside of it.  Raises: as :meth:`read`.
        """
        check_hints(hints, self.shape)
        box = self._covering(box, hints)
        image, placement = self.place(box)
        places = {hint.point: placement.to_network(self.square.from_film(hint.place)) for hint in hints}
        before = {
            hint.point: placement.to_network(self.square.from_film(hint.previous))
            for hint in hints
            if hint.previous is not None
        }
        found = self.infer(
            self.network.only("points"),
            {"image": image, "hints": _in_range(tensors(places)), "previous": _in_range(tensors(before))},
        )
        return self._reading(found["points"][0], placement, box, hints)

    def _reading(
        self, found: npt.NDArray[np.float32], placement: Placement, box: Box, hints: Hints
    ) -> Reading:
        points = self.square.to_film(placement.to_film(found[:, :2]))
        peaks = np.clip(found[:, 2].astype(np.float64), 0, 1)
        fixed = np.zeros(len(points), np.bool_)
        for hint in hints:
            points[hint.point], peaks[hint.point], fixed[hint.point] = hint.place, 1.0, True
        return Reading(points, peaks, fixed, box)

    def place(self, box: Box) -> tuple[npt.NDArray[np.float32], Placement]:
        """A part of the film in the networks' frame, float32 (1, 1, 512, 256), and where it lies there.

        Raises:
            ServerError: the server is absent, died, or refused.
        """
        if box not in self._placed:
            film = np.ascontiguousarray(self.square.values[None, None], np.float32)
            answer: Mapping[str, npt.NDArray] = self.infer(
                PREPARE_GRAPH, {"film": film, "box": np.array([box], np.float32)}
            )
            while len(self._placed) >= _KEPT:
                del self._placed[next(iter(self._placed))]
            scale, x, y = (float(value) for value in answer["placement"][0])
            self._placed[box] = np.ascontiguousarray(answer["image"], np.float32), Placement(scale, x, y)
        return self._placed[box]

    def _covering(self, box: Box, hints: Hints) -> Box:
        """The box with every hint in it."""
        places = [self.square.from_film(hint.place) for hint in hints]
        outside = [place for place in places if not _holds(box, place)]
        if not outside:
            return box
        edge = MARGIN * (box[3] - box[1])
        low, high = np.min(outside, axis=0) - edge, np.max(outside, axis=0) + edge
        left, top, right, bottom = self.whole
        return (
            float(max(left, min(box[0], low[0]))),
            float(max(top, min(box[1], low[1]))),
            float(min(right, max(box[2], high[0]))),
            float(min(bottom, max(box[3], high[1]))),
        )


#: Parts of a film that are kept placed.
_KEPT = 4


def network_named(name: str) -> ModelSpec:
    """The model of a network; raises ``KeyError`` for a name that is none of them."""
    if name not in NETWORKS:
        raise KeyError(name)
    return SPINE.model(name)


def box_around(points: Points, peaks: npt.NDArray[np.float64], whole: Box) -> Box:
    """The part of a square film around a spine; all of it where no vertebra was found.

    Args:
        points: (68, 2) in square pixels; ``peaks`` (68,).
        whole: all of the film.
    """
    corners, weights = points.reshape(-1, 4, 2), peaks.reshape(-1, 4).mean(axis=1)
    sure = corners[weights >= max(LEAST_SHARE * float(weights.max()), 1e-6)].reshape(-1, 2)
    if len(sure) < len(points) // 4:
        return whole
    (left, top), (right, bottom) = sure.min(axis=0), sure.max(axis=0)
    height = max(bottom - top, 1.0)
    width = max(
        right - left + 2 * BESIDE * height, (1 + 2 * MARGIN) * height * IMAGE_SHAPE[1] / IMAGE_SHAPE[0]
    )
    middle = (left + right) / 2
    box = (middle - width / 2, top - MARGIN * height, middle + width / 2, bottom + MARGIN * height)
    return (
        float(np.floor(max(whole[0], box[0]))),
        float(np.floor(max(whole[1], box[1]))),
        float(np.ceil(min(whole[2], box[2]))),
        float(np.ceil(min(whole[3], box[3]))),
    )


def _holds(box: Box, place: Points) -> bool:
    return bool(box[0] <= place[0] + 0.5 <= box[2] and box[1] <= place[1] + 0.5 <= box[3])


def _in_range(tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Coordinates within the range of the contract: rounding may put a corner of the frame just outside."""
    return np.clip(tensor, 0, max(IMAGE_SHAPE))
