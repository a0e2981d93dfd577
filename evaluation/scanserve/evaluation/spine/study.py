"""Accuracy of one film: points of every network before and after clicks, and curves, against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scanserve.client.spine.result import Result
from scanserve.contracts import InputError
from scanserve.contracts.spine import CORNERS
from scanserve.evaluation.spine.clicks import clicks_to, manual_errors, model_errors
from scanserve.evaluation.spine.readings import NetworkReading, Readings
from scanserve.evaluation.spine.truth import Truth
from scanserve.geometry.curvature import Curve, main_curve
from scanserve.geometry.keypoints import level_shift
from scanserve.geometry.types import Array

__all__ = ["BOUND_PX", "MOST_CLICKS", "NetworkAccuracy", "StudyAccuracy", "evaluate_study"]

#: Most clicks, and the mean error in pixels below which a film is done (as published).
MOST_CLICKS, BOUND_PX = 10, 20.0


@dataclass(frozen=True, eq=False)
class NetworkAccuracy:
    """Accuracy of one network on one film.

    Attributes:
        model: mean errors, px, before the first click and after each: the network finds the other points again.
        manual: the same if no other point moves.
        shift: vertebrae by which the first reading lies off along the spine.
        found, true: the greatest curve of the first reading and of the truth.
    """

    model: Array
    manual: Array
    shift: int
    found: Curve
    true: Curve

    @property
    def clicks(self) -> int:
        """Clicks until the mean error is at most ``BOUND_PX``; a failure counts as ``MOST_CLICKS``."""
        return clicks_to(self.model, BOUND_PX, MOST_CLICKS)

    @property
    def failed(self) -> bool:
        """Whether the mean error is still greater after ``MOST_CLICKS``."""
        return bool(self.model[min(MOST_CLICKS, len(self.model) - 1)] > BOUND_PX)

    @property
    def ends(self) -> int:
        """End vertebrae of the greatest curve, 0 to 2, that agree with the truth."""
        return (self.found.upper == self.true.upper) + (self.found.lower == self.true.lower)


@dataclass(frozen=True, eq=False)
class StudyAccuracy:
    """Accuracy of one study; ``networks`` is empty if there is no result."""

    name: str
    pixel_mm: float | None
    true_degrees: float
    networks: Mapping[str, NetworkAccuracy]


def evaluate_study(name: str, truth: Truth, found: tuple[Result, Readings | None] | None) -> StudyAccuracy:
    """Compare the points of a film with the truth.

    Raises:
        InputError: code ``other-film`` if the result is not of the film of the truth.
    """
    true = _largest(truth.places)
    if found is None:
        return StudyAccuracy(name, truth.pixel_mm, true.degrees, {})
    result, readings = found
    if tuple(result.study.shape) != (truth.rows, truth.columns):
        raise InputError(
            "other-film",
            f"the result must be of a film of {truth.rows} x {truth.columns} pixels but is of one of "
            f"{result.study.shape[0]} x {result.study.shape[1]}.",
        )
    networks = readings.networks if readings else {result.network: _unclicked(result)}
    return StudyAccuracy(
        name,
        truth.pixel_mm,
        true.degrees,
        {network: _compare(truth, reading, true) for network, reading in networks.items()},
    )


def _compare(truth: Truth, reading: NetworkReading, true: Curve) -> NetworkAccuracy:
    points = reading.places
    return NetworkAccuracy(
        model=model_errors(points, truth.places, truth.seen, reading.fixed),
        manual=manual_errors(points[0], truth.places, truth.seen, len(truth.points)),
        shift=level_shift(np.where(truth.seen[:, None], points[0], np.nan), truth.places, len(CORNERS)),
        found=_largest(points[0]),
        true=true,
    )


def _unclicked(result: Result) -> NetworkReading:
    return NetworkReading(fixed=[], points=[[(float(x), float(y)) for x, y in result.points]])


def _largest(points: Array) -> Curve:
    return main_curve(points.reshape(-1, len(CORNERS), 2))
