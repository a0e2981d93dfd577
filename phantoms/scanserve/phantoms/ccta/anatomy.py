"""A synthetic patient, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.contracts.ccta import VESSELS
from scanserve.phantoms.ccta.animate import Drive
from scanserve.phantoms.ccta.chambers import Chambers, Contraction, Sizes, build_chambers, sample_sizes
from scanserve.phantoms.ccta.chest import Chest, sample_chest
from scanserve.phantoms.ccta.coronaries import Artery
from scanserve.phantoms.ccta.decoys import lead, mammary
from scanserve.phantoms.ccta.gantry import Gantry
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.motion import Curve, sample_curve, sub_times, travelled_mm
from scanserve.phantoms.ccta.paths import PathBuilder
from scanserve.phantoms.ccta.pose import Pose, sample_pose
from scanserve.phantoms.ccta.ranges import PLAIN, Bolus, Motion, Ranges, draw, happens
from scanserve.phantoms.ccta.riders import SYSTOLE, Rider, plaque_bodies
from scanserve.phantoms.ccta.slabs import sample_slabs
from scanserve.phantoms.ccta.trees import build_trees, sample_dominance
from scanserve.phantoms.ccta.veins import grow_veins

__all__ = ["Anatomy", "Contrast", "blur_mm", "blur_profile"]

#: Phases among which the best must be clear, and the required margin in mean blur (mm).
CHECK_PHASES = np.arange(0.0, 100.0, 10.0)
CLEAR_GAP_MM = 0.15
#: Blood without contrast medium.
UNENHANCED_HU = 45.0
#: Number of sub-times for measuring the path of a point.
BLUR_TIMES = 25
#: Scored length of the main path, mm (contract: 320 steps of 0.5 mm).
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
    """A beating heart in a chest, in LPS millimetres; the origin is the isocentre, near the middle of the heart.

    ``rr_ms`` is the duration of a beat, ``window_ms`` that of the acquisition window; ``vessels`` are RCA, LAD, LCX.
    With a ``host`` the vessels lie on that real heart, which replaces everything else that is painted.
    """

    seed: int
    pose: Pose
    sizes: Sizes
    contrast: Contrast
    chest: Chest
    rr_ms: float
    window_ms: float
    root_curve: Curve
    vessels: tuple[Artery, ...]
    ranges: Ranges = PLAIN
    dominance: str = "right"
    riders: tuple[Rider, ...] = ()
    gantry: Gantry | None = None
    hardening: float = 0.0
    host: Host | None = None

    @classmethod
    def sample(cls, seed: int, ranges: Ranges = PLAIN, host: Host | None = None) -> Anatomy:
        """The patient of ``seed`` in ``ranges``, reproducible; on a ``host`` with pose and contrast of its heart."""
        rng = np.random.default_rng([int(seed), 0xCC7A])
        pose, sizes = sample_pose(rng, ranges.body), sample_sizes(rng, ranges.body)
        contrast = _sample_contrast(rng, ranges.bolus)
        if host is not None:
            pose, contrast, ranges = host.pose, _contrast_on(host, contrast), host.ranges(ranges)
        chest = sample_chest(rng, ranges.body)
        rr, window = draw(rng, ranges.motion.rr_ms), draw(rng, ranges.motion.window_ms)
        root = sample_curve(rng, motion=ranges.motion)
        drives = _sample_drives(rng, 100 * window / rr, ranges.motion)
        dominance = sample_dominance(rng, ranges.trees)
        walls = host.walls if host else None
        vessels, builder = build_trees(pose, sizes, rng, drives, root, ranges, dominance, walls)
        plain = cls(
            seed=int(seed),
            pose=pose,
            sizes=sizes,
            contrast=contrast,
            chest=chest,
            rr_ms=rr,
            window_ms=window,
            root_curve=root,
            vessels=vessels,
            ranges=ranges,
            dominance=dominance,
            host=host,
        )
        return _with_artefacts(_with_decoys(plain, builder, rng), rng)

    @property
    def window_percent(self) -> float:
        """The acquisition window in percent of the beat."""
        return 100.0 * self.window_ms / self.rr_ms

    @property
    def heart(self) -> str:
        """Which heart this is; all patients in one CT have the same."""
        return f"{self.ranges.name}-{self.seed}" if self.host is None else f"ct-{self.host.digest}"

    def vessel(self, abbreviation: str) -> Artery:
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
        """Contraction at a phase: the right side follows the RCA, the left side LAD and LCX."""
        right, lad, lcx = (float(vessel.curve(percent)) for vessel in self.vessels)
        limited = np.clip([(lad + lcx) / 2, right, float(self.root_curve(percent))], -0.1, 1.1)
        return Contraction(*map(float, limited))

    def displaced(self, shift: npt.NDArray) -> Anatomy:
        """The patient with the heart of another beat, shifted by ``shift`` (3,) mm; the chest does not move."""
        return replace(
            self,
            pose=replace(self.pose, base=self.pose.base + shift),
            vessels=tuple(vessel.displaced(shift) for vessel in self.vessels),
            riders=tuple(rider.displaced(shift) for rider in self.riders),
        )

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


def _contrast_on(host: Host, drawn: Contrast) -> Contrast:
    """The contrast with the host's fat and enhanced blood; streaks of its vena cava are already in the CT."""
    aorta = drawn.aorta if host.blood_hu is None else host.blood_hu
    return replace(drawn, aorta=aorta, fat=host.fat_hu, vena_cava=0.0)


def _with_decoys(anatomy: Anatomy, builder: PathBuilder, rng: np.random.Generator) -> Anatomy:
    """Add veins, plaque bodies, mammary arteries and a lead, as the ranges define."""
    decoys, riders = anatomy.ranges.decoys, plaque_bodies(anatomy.vessels)
    hu = min(draw(rng, decoys.vein_hu), anatomy.contrast.aorta)
    contracted = anatomy.host.walls.outside if anatomy.host else anatomy.chambers(SYSTOLE).outside()
    veins = grow_veins(builder, anatomy.vessels, hu, decoys, contracted)
    contrast = replace(anatomy.contrast, sinus=hu) if decoys.vein_chance else anatomy.contrast
    if happens(rng, decoys.lead_chance):
        resting, contracting = anatomy.chambers(0.0), anatomy.chambers(SYSTOLE)
        riders += (lead(anatomy.pose, resting, contracting, anatomy.vessels, rng),)
    chest = anatomy.chest
    if happens(rng, decoys.mammary_chance):
        chest = replace(chest, middle=chest.middle + mammary(chest, anatomy.contrast.aorta, rng))
    return replace(anatomy, riders=veins + riders, contrast=contrast, chest=chest)


def _with_artefacts(anatomy: Anatomy, rng: np.random.Generator) -> Anatomy:
    """Add slabs of other beats, partial-angle weighting and the strength of streaks, as the ranges define."""
    artefacts = anatomy.ranges.artefacts
    slabs, strength = sample_slabs(rng, artefacts), draw(rng, artefacts.partial_angle)
    turns = anatomy.rr_ms / (2 * anatomy.window_ms)
    gantry = Gantry(float(rng.uniform(0, 2 * np.pi)), turns, strength) if strength else None
    vessels = tuple(replace(vessel, slabs=slabs) for vessel in anatomy.vessels)
    return replace(anatomy, vessels=vessels, gantry=gantry, hardening=draw(rng, artefacts.hardening))


def _mean_blur(curve: Curve, amplitude: float, share: float) -> np.ndarray:
    times = np.stack([sub_times(p, share, BLUR_TIMES) for p in CHECK_PHASES])
    return 0.7 * amplitude * np.abs(np.diff(curve(times), axis=1)).sum(1)


def _sample_drives(rng: np.random.Generator, share: float, motion: Motion) -> dict[str, Drive]:
    """The motion of each vessel; ``share`` is the acquisition window in percent of the beat."""
    return {name: _sample_drive(rng, name, share, motion) for name in ("RCA", "LAD", "LCX")}


def _sample_drive(rng: np.random.Generator, name: str, share: float, motion: Motion) -> Drive:
    """A curve whose best of ten phases is clear, or the last of many draws."""
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
    """Distance (M,) mm that each point of the main path, 0.5 mm apart, travels in the acquisition window."""
    times = sub_times(percent, anatomy.window_percent, BLUR_TIMES)
    return travelled_mm(anatomy.vessel(vessel).positions(0, times))


def blur_mm(anatomy: Anatomy, vessel: str, percent: float) -> float:
    """Mean of :func:`blur_profile` over the first 160 mm of the main path."""
    return float(blur_profile(anatomy, vessel, percent)[: int(SCORED_MM / 0.5)].mean())
