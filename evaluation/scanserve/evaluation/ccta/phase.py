"""Accuracy of one vessel in one phase.

Symbols: S sections of the true vessel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanserve.client.ccta.result import Quality, VesselPhase
from scanserve.client.ccta.result import Tree as FoundTree
from scanserve.contracts import InputError
from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.evaluation.ccta.truth import TruePhase, TrueVessel
from scanserve.evaluation.centerline import CenterlineAccuracy, compare_centerlines
from scanserve.evaluation.tree import TreeAccuracy, compare_trees
from scanserve.geometry.types import Array

__all__ = ["DETECTED_OV", "PhaseAccuracy", "evaluate_phase", "true_class"]

#: Overlap (OV) from which a vessel counts as detected: more of both lines is right than wrong.
DETECTED_OV = 0.5


@dataclass(frozen=True)
class PhaseAccuracy:
    """Accuracy of one vessel in one phase.

    ``miss`` is the code of the reason why there is no tree, or None.  Classes count from 0, the worst;
    ``found_class`` is None if the vessel was not scored.  ``sections`` (S, 2) holds the found quality and the true
    blur (mm) of each true section; the quality is NaN if the section was not scored.
    """

    percent: float
    blur_mm: float
    miss: str | None
    centerline: CenterlineAccuracy
    tree: TreeAccuracy
    true_class: int
    found_class: int | None
    sections: Array

    @property
    def detected(self) -> bool:
        """Whether the main path has an overlap of :data:`DETECTED_OV` or more."""
        return self.centerline.ov >= DETECTED_OV


def evaluate_phase(
    vessel: TrueVessel,
    truth: TruePhase,
    entry: VesselPhase | str,
    others: Sequence[Array],
    spacing_mm: float,
) -> PhaseAccuracy:
    """Compare the result of a vessel in a phase with the truth.

    Args:
        vessel: the true vessel.
        truth: the true vessel in this phase.
        entry: the vessel in the result, or the code of the reason why the result lacks it.
        others: true branches of the other vessels in this phase, (N_b, 3) mm each.
        spacing_mm: distance between samples on both centerlines.

    Raises:
        InputError: code ``not-a-result`` or ``tree-invalid`` if the result contradicts itself.
    """
    tree, quality = (None, None) if isinstance(entry, str) else (entry.tree, entry.quality)
    return PhaseAccuracy(
        percent=truth.percent,
        blur_mm=truth.blur_mm,
        miss=None if tree else _miss(entry),
        centerline=_centerline(vessel, truth, tree, spacing_mm),
        tree=_tree(truth, tree, others),
        true_class=true_class(truth.blur_mm),
        found_class=_found_class(quality),
        sections=_sections(truth, quality),
    )


def true_class(blur_mm: float) -> int:
    """The quality class (from 0, worst to best) of a motion blur: the class with the nearest centre in log blur.

    The centres of the classes grow by factors, and the network is trained with soft labels that are linear in log
    blur, so the border between two classes is the geometric mean of their centres.
    """
    centres = np.log([item.blur_mm for item in QUALITY_CLASSES])
    return int(np.argmin(np.abs(centres - np.log(max(blur_mm, 1e-6)))))


def _miss(entry: VesselPhase | str) -> str:
    if isinstance(entry, str):
        return entry
    return entry.reason.code if entry.reason else "no-tree"


def _centerline(
    vessel: TrueVessel, truth: TruePhase, tree: FoundTree | None, spacing_mm: float
) -> CenterlineAccuracy:
    if tree is None:
        return CenterlineAccuracy.missed()
    numbers = np.asarray(tree.main_path, np.intp)
    if np.any((numbers < 0) | (numbers >= len(tree.points_mm))):
        raise InputError(
            "not-a-result", f"main_path must number {len(tree.points_mm)} points but goes beyond them."
        )
    line = np.asarray(tree.points_mm, np.float64).reshape(-1, 3)[numbers]
    return compare_centerlines(truth.branches()[0], vessel.radii(), line, spacing_mm)


def _tree(truth: TruePhase, tree: FoundTree | None, others: Sequence[Array]) -> TreeAccuracy:
    points, parent = (tree.points_mm, tree.parent) if tree else (np.empty((0, 3)), ())
    return compare_trees(points, parent, truth.branches(), others)


def _found_class(quality: Quality | None) -> int | None:
    if quality is None:
        return None
    names = [item.name for item in QUALITY_CLASSES]
    if quality.quality_class not in names:
        raise InputError(
            "not-a-result",
            f"quality_class must be one of {', '.join(names)} but is {quality.quality_class!r}.",
        )
    return names.index(quality.quality_class)


def _sections(truth: TruePhase, quality: Quality | None) -> Array:
    given = [section.quality for section in quality.sections] if quality else []
    pairs = [
        (given[number] if number < len(given) else None, blur)
        for number, blur in enumerate(truth.section_blur_mm)
        if blur is not None
    ]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)
