"""Accuracy of one study: images of every method against the long acquisition, binding and grade against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.client.dat.result import Result
from scanserve.contracts import InputError
from scanserve.evaluation.dat.binding import BOUND, binding, grade_of, ratio_change
from scanserve.evaluation.dat.likeness import psnr, ssim
from scanserve.evaluation.dat.truth import Truth, Window
from scanserve.geometry.types import Array

__all__ = ["UNPROCESSED", "MethodAccuracy", "StudyAccuracy", "evaluate_study"]

#: The name of the short acquisition itself in the comparison, and its title.
UNPROCESSED = "unprocessed"


@dataclass(frozen=True, eq=False)
class MethodAccuracy:
    """Accuracy of one method on one study.

    ``binding`` (4,) holds its binding ratios, ``change`` (4,) the relative change of the ratios to background since the
    short acquisition; ``grade`` follows from the ratios and is None if one was not measured.
    """

    method: str
    title: str
    psnr: float
    ssim: float
    binding: Array
    change: Array
    grade: int | None

    @property
    def smoothed(self) -> int:
        """Structures whose ratio fell by more than the bound."""
        return int((self.change < -BOUND).sum())

    @property
    def enhanced(self) -> int:
        """Structures whose ratio rose by more than the bound."""
        return int((self.change > BOUND).sum())

    @property
    def measured(self) -> int:
        """Structures that could be measured."""
        return int(np.isfinite(self.change).sum())


@dataclass(frozen=True, eq=False)
class StudyAccuracy:
    """Accuracy of one study; ``methods`` is empty if there is no result.

    ``true_grade`` is the grade of the phantom, ``reference_grade`` that of the long acquisition by the same rule.
    """

    name: str
    true_grade: int
    reference_grade: int | None
    reference_binding: Array
    methods: Mapping[str, MethodAccuracy]


def evaluate_study(name: str, truth: Truth, result: Result | None) -> StudyAccuracy:
    """Compare a result with the truth.

    Raises:
        InputError: code ``other-slices`` if the slices of the result are not those of the truth.
    """
    masks, reference = truth.masks(), truth.reference.to_array()
    methods = {}
    scales = np.ones(len(reference))
    if result is not None:
        _check_slices(truth, result)
        scales = np.array(result.selected.scales)
        before = binding(_counts(result.input.to_array(), scales), masks)
        images = [(UNPROCESSED, "Unprocessed, 5 minutes", result.input.to_array())]
        images += [
            (restored.method, restored.title, restored.image.to_array()) for restored in result.restorations
        ]
        for method, title, image in images:
            likeness = psnr(reference, image), ssim(reference, image)
            ratios = binding(_counts(image, scales), masks)
            change = ratio_change(before, ratios)
            methods[method] = MethodAccuracy(method, title, *likeness, ratios, change, grade_of(ratios))
    ratios = binding(_counts(reference, scales), masks)
    return StudyAccuracy(name, truth.grade, grade_of(ratios), ratios, methods)


def _counts(slices: npt.NDArray, scales: Array) -> npt.NDArray:
    """Slices on one common scale."""
    return slices * scales[:, None, None]


def _check_slices(truth: Truth, result: Result) -> None:
    at = result.selected
    taken = Window(first=at.frames[0] - 1, row=at.row, column=at.column)
    if taken != truth.selection or result.input.shape != truth.reference.shape:
        raise InputError(
            "other-slices",
            f"the result must be of the slices of the truth, from frame {truth.selection.first + 1} on, but "
            f"starts at frame {at.frames[0]}.",
        )
