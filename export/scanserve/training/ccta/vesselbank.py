"""Straightened phantom vessels of whole studies with their motion blur: samples for ``ccta_quality``.

Symbols: V vessels, P phases, S sections.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
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
from scanserve.phantoms.ccta import Anatomy, Ranges, blur_profile
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta import straightscan, voxels
from scanserve.training.ccta.imperfect import along, by_section, imperfect
from scanserve.training.ccta.seeds import Split
from scanserve.training.ccta.straightscan import StraightScan

__all__ = ["NOISE_STEPS", "PHASES", "make_vessels", "soft_classes", "straightened_study", "vessel_bank"]

#: Phases per study, evenly spaced over the R-R interval from a random start.
PHASES = 10
#: Steps of the stored noise in one standard deviation.
NOISE_STEPS = 30


def make_vessels(seed: int, ranges: Ranges) -> dict[str, npt.NDArray]:
    """The three vessels of a study in all its phases, straightened along imperfect centerlines.

    Every vessel is seen by a scan of its own, so that a study shows three kernels.

    Returns:
        ``images`` int16 [V, P, step, row, column] HU without noise, ``noise`` int8 of the same shape in
        1 / :data:`NOISE_STEPS` of its standard deviation, ``length`` float32 [V, P] mm, ``blur`` float32 [V, P] mm
        (mean displacement in the acquisition window) and ``section_blur`` float32 [V, P, S] (NaN beyond the end).
    """
    rng = np.random.default_rng(seed)
    scans = [StraightScan.sample(rng) for _ in VESSELS]
    return straightened_study(Anatomy.sample(seed, ranges), scans, rng)


def straightened_study(
    anatomy: Anatomy, scans: Sequence[StraightScan], rng: np.random.Generator
) -> dict[str, npt.NDArray]:
    """As :func:`make_vessels`, with one scan for each vessel."""
    percents = (np.arange(PHASES) * 100 / PHASES + rng.uniform(0, 10)) % 100
    shape = (len(VESSELS), PHASES)
    images = np.full((*shape, STEPS, CROSS_SIZE, CROSS_SIZE), AIR_HU, dtype=np.int16)
    noise = np.zeros(images.shape, dtype=np.int8)
    length, section_blur = np.zeros(shape, np.float32), np.full((*shape, SECTIONS), np.nan, np.float32)
    for v, (vessel, scan) in enumerate(zip(VESSELS, scans, strict=True)):
        keep = rng.uniform(0.85, 1.0)
        for p, percent in enumerate(percents):
            path, index = imperfect(_main_path(anatomy, vessel.abbreviation, percent), keep, rng)
            points = straightened_points(path, STEPS, STEP_MM, CROSS_SIZE, CROSS_PIXEL_MM)
            filled = len(points)
            images[v, p, :filled] = _whole(scan.hu(anatomy, float(percent), points), AIR_HU, MAX_HU)
            noise[v, p, :filled] = _whole(scan.noise(rng, points) * NOISE_STEPS, -127, 127)
            length[v, p] = filled * STEP_MM
            blur = blur_profile(anatomy, vessel.abbreviation, float(percent))[index]
            section_blur[v, p] = by_section(along(path, blur, filled), filled)
    return {
        "images": images,
        "noise": noise,
        "length": length,
        "blur": np.nanmean(section_blur, axis=-1),
        "section_blur": section_blur,
        "percent": percents.astype(np.float32),
        "psf_mm": np.array([scan.psf_mm for scan in scans], np.float32),
    }


def vessel_bank(cache: Path, split: Split, count: int) -> Bank:
    """The vessels of ``count`` phantom studies."""
    makers = (straightscan, voxels, sys.modules[imperfect.__module__])
    code = fingerprint(phantom, sys.modules[__name__], *makers)
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


def _whole(values: npt.NDArray, least: int, most: int) -> npt.NDArray:
    """The nearest whole numbers within limits."""
    return np.clip(np.rint(values), least, most)


def _main_path(anatomy: Anatomy, vessel: str, percent: float) -> npt.NDArray[np.float64]:
    return next(branch.points for branch in anatomy.vessel(vessel).at(percent) if branch.main)
