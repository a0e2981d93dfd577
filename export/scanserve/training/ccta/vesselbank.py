"""Straightened phantom vessels of whole studies with their motion blur: samples for ``ccta_quality``.

Symbols: V vessels, P phases, S sections.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ccta import (
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    QUALITY_CLASSES,
    SECTIONS,
    STEP_MM,
    STEPS,
    VESSELS,
)
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry import straightened_points
from scanserve.phantoms import ccta as phantom
from scanserve.phantoms.ccta import Acquisition, Anatomy, Ranges, blur_profile, render_points
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta.imperfect import along, by_section, imperfect
from scanserve.training.ccta.seeds import Split

__all__ = ["PHASES", "make_vessels", "soft_classes", "vessel_bank"]

#: Phases per study, evenly spaced over the R-R interval from a random start.
PHASES = 10


def make_vessels(seed: int, ranges: Ranges) -> dict[str, npt.NDArray]:
    """The three vessels of a study in all its phases, straightened along imperfect centerlines, without noise.

    Returns:
        ``images`` int16 [V, P, step, row, column] HU, ``length`` float32 [V, P] mm, ``blur`` float32 [V, P] mm
        (mean displacement in the acquisition window) and ``section_blur`` float32 [V, P, S] (NaN beyond the end).
    """
    rng = np.random.default_rng(seed)
    anatomy, psf_mm = Anatomy.sample(seed, ranges), Acquisition.sample(seed, ranges).psf_mm
    percents = (np.arange(PHASES) * 100 / PHASES + rng.uniform(0, 10)) % 100
    shape = (len(VESSELS), PHASES)
    images = np.full((*shape, STEPS, CROSS_SIZE, CROSS_SIZE), AIR_HU, dtype=np.int16)
    length, section_blur = np.zeros(shape, np.float32), np.full((*shape, SECTIONS), np.nan, np.float32)
    for v, vessel in enumerate(VESSELS):
        keep = rng.uniform(0.85, 1.0)
        for p, percent in enumerate(percents):
            path, index = imperfect(_main_path(anatomy, vessel.abbreviation, percent), keep, rng)
            hu = _straight_hu(anatomy, float(percent), path, psf_mm)
            filled = len(hu)
            images[v, p, :filled], length[v, p] = hu, filled * STEP_MM
            blur = blur_profile(anatomy, vessel.abbreviation, float(percent))[index]
            section_blur[v, p] = by_section(along(path, blur, filled), filled)
    return {
        "images": images,
        "length": length,
        "blur": np.nanmean(section_blur, axis=-1),
        "section_blur": section_blur,
        "percent": percents.astype(np.float32),
    }


def vessel_bank(cache: Path, split: Split, count: int) -> Bank:
    """The vessels of ``count`` phantom studies."""
    code = fingerprint(phantom, sys.modules[__name__], sys.modules[imperfect.__module__])
    folder = cache / f"vessels-{split.ranges.name}-{code}"
    return Bank(folder, split.first_seed, count, partial(make_vessels, ranges=split.ranges))


def soft_classes(blur: npt.NDArray) -> npt.NDArray[np.float32]:
    """Millimetres of motion to a distribution over the quality classes, linear in log(mm) between their centres.

    Args:
        blur: mm, of any shape; NaN counts as the worst.

    Returns:
        Same shape with a last axis of classes, worst to best, summing to 1.
    """
    centres = np.log([c.blur_mm for c in reversed(QUALITY_CLASSES)])
    best = len(QUALITY_CLASSES) - 1
    level = best - np.interp(
        np.log(np.clip(np.nan_to_num(blur, nan=99.0), 1e-3, None)), centres, np.arange(best + 1)
    )
    return np.clip(1 - np.abs(level[..., None] - np.arange(best + 1)), 0, 1).astype(np.float32)


def _straight_hu(anatomy: Anatomy, percent: float, path: npt.NDArray, psf_mm: float) -> npt.NDArray:
    """HU [step, row, column] along a path, as integers in the range of CT."""
    points = straightened_points(path, STEPS, STEP_MM, CROSS_SIZE, CROSS_PIXEL_MM)
    return np.clip(np.rint(render_points(anatomy, percent, points, psf_mm)), AIR_HU, MAX_HU)


def _main_path(anatomy: Anatomy, vessel: str, percent: float) -> npt.NDArray[np.float64]:
    return next(branch.points for branch in anatomy.vessel(vessel).at(percent) if branch.main)
