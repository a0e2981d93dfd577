"""One synthetic patient, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.contracts import InputError
from scanserve.contracts.ccta import VESSELS
from scanserve.phantoms.heart.chambers import Chambers, Contraction, Sizes, build_chambers, sample_sizes
from scanserve.phantoms.heart.chest import Chest, sample_chest
from scanserve.phantoms.heart.coronaries import Drive, Vessel, build_trees
from scanserve.phantoms.heart.motion import Curve, path_length, sample_curve, sub_times
from scanserve.phantoms.heart.pose import Pose, sample_pose

__all__ = ["Anatomy", "Contrast", "blur_mm", "blur_profile"]

#: Systolic displacement of the middle of each vessel, mm (low, high).
AMPLITUDE_MM = {"RCA": (11.0, 15.0), "LAD": (5.0, 7.5), "LCX": (7.5, 10.5)}
#: Phases at which the best one must be clear, and by how much mean blur (mm).
CHECK_PHASES = np.arange(0.0, 100.0, 10.0)
CLEAR_GAP_MM = 0.15
#: Sub-times used to measure a path.
BLUR_TIMES = 25
#: The part of the main path that is scored, mm (contract: 320 steps of 0.5 mm).
SCORED_MM = 160.0


@dataclass(frozen=True)
class Contrast:
    """Attenuation in HU."""

    aorta: float
    left: float
    right: float
    pulmonary: float
    vena_cava: float
    myocardium: float
    fat: float
    lung: float
    muscle: float


@dataclass(frozen=True, eq=False)
class Anatomy:
    """A beating heart in a chest.  LPS millimetres; the origin is the isocentre, near the heart's middle.

    ``rr_ms`` is the beat, ``window_ms`` the acquisition window; ``vessels`` are RCA, LAD, LCX.
    """

    seed: int
    pose: Pose
    sizes: Sizes
    contrast: Contrast
    chest: Chest
    rr_ms: float
    window_ms: float
    root_curve: Curve
    vessels: tuple[Vessel, ...]

    @classmethod
    def sample(cls, seed: int) -> Anatomy:
        """The patient of ``seed``; the same seed always gives the same patient."""
        rng = np.random.default_rng([int(seed), 0xCC7A])
        pose, sizes = sample_pose(rng), sample_sizes(rng)
        contrast = _sample_contrast(rng)
        chest = sample_chest(rng)
        rr, window = float(rng.uniform(820, 1060)), float(rng.uniform(125, 150))
        root = sample_curve(rng)
        share = 100 * window / rr
        drives = {name: _sample_drive(rng, name, share) for name in AMPLITUDE_MM}
        vessels = build_trees(pose, sizes, rng, drives, root)
        return cls(int(seed), pose, sizes, contrast, chest, rr, window, root, vessels)

    @property
    def window_percent(self) -> float:
        """The acquisition window in percent of the beat."""
        return 100.0 * self.window_ms / self.rr_ms

    def vessel(self, abbreviation: str) -> Vessel:
        """The tree called RCA, LAD or LCX.

        Raises:
            InputError: code ``unknown-vessel``.
        """
        for vessel in self.vessels:
            if vessel.abbreviation == abbreviation:
                return vessel
        names = ", ".join(v.abbreviation for v in VESSELS)
        raise InputError("unknown-vessel", f"vessel must be one of {names} but is {abbreviation!r}.")

    def contraction(self, percent: float) -> Contraction:
        """Contraction at a phase: the right side goes with the RCA, the left with LAD and LCX."""
        right, lad, lcx = (float(vessel.curve(percent)) for vessel in self.vessels)
        limited = np.clip([(lad + lcx) / 2, right, float(self.root_curve(percent))], -0.1, 1.1)
        return Contraction(*map(float, limited))

    def chambers(self, percent: float) -> Chambers:
        """Chambers and great vessels at a phase."""
        return build_chambers(self.pose, self.sizes, self.contraction(percent))


def _sample_contrast(rng: np.random.Generator) -> Contrast:
    aorta = rng.uniform(320, 500)
    right = aorta * rng.uniform(0.35, 0.95)
    return Contrast(
        aorta=aorta,
        left=aorta * rng.uniform(0.92, 1.0),
        right=right,
        pulmonary=right * rng.uniform(0.95, 1.15),
        vena_cava=right * rng.uniform(0.8, 1.5),
        myocardium=rng.uniform(85, 120),
        fat=rng.uniform(-110, -85),
        lung=rng.uniform(-880, -800),
        muscle=rng.uniform(45, 65),
    )


def _mean_blur(curve: Curve, amplitude: float, share: float) -> np.ndarray:
    times = np.stack([sub_times(p, share, BLUR_TIMES) for p in CHECK_PHASES])
    return 0.7 * amplitude * np.abs(np.diff(curve(times), axis=1)).sum(1)


def _sample_drive(rng: np.random.Generator, name: str, share: float) -> Drive:
    """A curve whose best of ten phases is clear; the last of many tries if none is."""
    amplitude = float(rng.uniform(*AMPLITUDE_MM[name]))
    systolic = rng.random() < (0.35 if name == "RCA" else 0.12)
    for _ in range(60):
        curve = sample_curve(rng, delay=rng.uniform(4, 9) if systolic else rng.uniform(-3, 3))
        first, second = np.sort(_mean_blur(curve, amplitude, share))[:2]
        if second - first >= CLEAR_GAP_MM * 1.3:
            break
    return Drive(curve, amplitude, float(rng.uniform(0, 2 * np.pi)))


def blur_profile(anatomy: Anatomy, vessel: str, percent: float) -> np.ndarray:
    """Way in mm that each point of the main path travels in the acquisition window: (M,), 0.5 mm apart."""
    times = sub_times(percent, anatomy.window_percent, BLUR_TIMES)
    return path_length(anatomy.vessel(vessel).positions(0, times))


def blur_mm(anatomy: Anatomy, vessel: str, percent: float) -> float:
    """Mean of :func:`blur_profile` over the first 160 mm of the main path."""
    return float(blur_profile(anatomy, vessel, percent)[: int(SCORED_MM / 0.5)].mean())
