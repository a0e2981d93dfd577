"""One synthetic patient, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.contracts import InputError
from scanserve.contracts.ccta import VESSELS
from scanserve.phantoms.heart.animate import Drive
from scanserve.phantoms.heart.chambers import Chambers, Contraction, Sizes, build_chambers, sample_sizes
from scanserve.phantoms.heart.chest import Chest, sample_chest
from scanserve.phantoms.heart.coronaries import Vessel
from scanserve.phantoms.heart.motion import Curve, path_length, sample_curve, sub_times
from scanserve.phantoms.heart.pose import Pose, sample_pose
from scanserve.phantoms.heart.ranges import PLAIN, Bolus, Motion, Ranges, draw, happens
from scanserve.phantoms.heart.trees import build_trees, sample_dominance

__all__ = ["Anatomy", "Contrast", "blur_mm", "blur_profile"]

#: Phases at which the best one must be clear, and by how much mean blur (mm).
CHECK_PHASES = np.arange(0.0, 100.0, 10.0)
CLEAR_GAP_MM = 0.15
#: Blood without contrast medium.
UNENHANCED_HU = 45.0
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
    sinus: float
    distal_loss: float


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
    ranges: Ranges = PLAIN
    dominance: str = "right"

    @classmethod
    def sample(cls, seed: int, ranges: Ranges = PLAIN) -> Anatomy:
        """The patient of ``seed`` in the population ``ranges``; the same two always give the same patient."""
        rng = np.random.default_rng([int(seed), 0xCC7A])
        pose, sizes = sample_pose(rng, ranges.body), sample_sizes(rng, ranges.body)
        contrast = _sample_contrast(rng, ranges.bolus)
        chest = sample_chest(rng, ranges.body)
        motion = ranges.motion
        rr, window = draw(rng, motion.rr_ms), draw(rng, motion.window_ms)
        root = sample_curve(rng, motion=motion)
        share = 100 * window / rr
        drives = {name: _sample_drive(rng, name, share, motion) for name in ("RCA", "LAD", "LCX")}
        dominance = sample_dominance(rng, ranges.trees)
        vessels = build_trees(pose, sizes, rng, drives, root, ranges, dominance)
        return cls(
            int(seed), pose, sizes, contrast, chest, rr, window, root, vessels,
            ranges=ranges, dominance=dominance,
        )  # fmt: skip

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


def _sample_contrast(rng: np.random.Generator, bolus: Bolus) -> Contrast:
    aorta = draw(rng, bolus.aorta)
    right = max(aorta * draw(rng, bolus.right_share), UNENHANCED_HU)
    return Contrast(
        aorta=aorta,
        left=aorta * draw(rng, bolus.left_share),
        right=right,
        pulmonary=right * draw(rng, bolus.pulmonary_share),
        vena_cava=right * draw(rng, bolus.vena_cava_share),
        myocardium=draw(rng, bolus.myocardium),
        fat=draw(rng, bolus.fat),
        lung=draw(rng, bolus.lung),
        muscle=draw(rng, bolus.muscle),
        sinus=0.5 * right + 60,
        distal_loss=draw(rng, bolus.distal_loss),
    )


def _mean_blur(curve: Curve, amplitude: float, share: float) -> np.ndarray:
    times = np.stack([sub_times(p, share, BLUR_TIMES) for p in CHECK_PHASES])
    return 0.7 * amplitude * np.abs(np.diff(curve(times), axis=1)).sum(1)


def _sample_drive(rng: np.random.Generator, name: str, share: float, motion: Motion) -> Drive:
    """A curve whose best of ten phases is clear; the last of many tries if none is."""
    span = {"RCA": motion.right, "LAD": motion.anterior, "LCX": motion.circumflex}[name]
    amplitude = draw(rng, span)
    chance = motion.right_systolic_chance if name == "RCA" else motion.left_systolic_chance
    systolic = happens(rng, chance)
    for _ in range(60):
        delay = rng.uniform(4, 9) if systolic else rng.uniform(-3, 3)
        curve = sample_curve(rng, delay, motion)
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
