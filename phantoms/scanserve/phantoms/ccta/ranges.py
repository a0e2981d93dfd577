"""All distributions from which patients and their scans are drawn.

``PLAIN`` is a narrow population, that of the demo.  ``TRAINING`` is wide; ``TEST`` is even :func:`wider` on every axis,
so that a test contains patients that training never showed.

A :data:`Range` is a (low, high) pair, uniform; it consumes no random number if both ends are equal.  A
``..._chance`` is a probability; it consumes none if it is 0 or 1.  So a feature that ``PLAIN`` leaves out does not
change its other draws.  A ``..._spread`` is a standard deviation.  Lengths are mm, times ms, angles degrees,
attenuations HU unless the name says otherwise.  (Decoration of the chest, such as the branching of the lungs, is drawn
in ``chest.py``.)
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

import numpy as np

from scanserve.contracts import InputError

__all__ = [
    "PLAIN",
    "RANGES",
    "TEST",
    "TRAINING",
    "Artefacts",
    "Body",
    "Bolus",
    "Decoys",
    "Lesions",
    "Motion",
    "Range",
    "Ranges",
    "Scanner",
    "Trees",
    "draw",
    "happens",
    "ranges_named",
    "replace_group",
    "wider",
]

Range = tuple[float, float]
#: Width of TEST relative to TRAINING: fraction of a range added at each end, and factor of a spread.
WIDER_SHARE, WIDER_SPREAD = 0.12, 1.15
#: Largest relative reduction of a positive low end, so that lengths stay positive.
MOST_LOWERED = 0.2


@dataclass(frozen=True)
class Body:
    """The pose and sizes of the heart (before ``size`` scales them), and the chest."""

    turn_spread: float = 1.0  # times 5, 5, 7 degrees about x, y, z
    shift_spread: float = 3.5
    size: Range = (0.93, 1.06)
    lv_radius: Range = (31, 36)
    lv_wall: Range = (8.5, 11)
    rv_reach: Range = (29, 33)
    atrium_left: Range = (24, 29)
    atrium_right: Range = (23, 27)
    aorta: Range = (14, 17)
    pulmonary: Range = (12, 14)
    descending: Range = (10.5, 13)
    excursion: Range = (9, 13)
    sinus_turn_spread: float = 8.0
    chest_x: Range = (-26, -14)
    chest_y: Range = (26, 34)
    chest_half_width: Range = (115, 132)
    chest_half_depth: Range = (90, 98)
    skin_fat: Range = (12, 30)
    chest_muscle: Range = (14, 20)
    lung_hu: Range = (-885, -810)
    fat_grow: Range = (-4, 6)
    diaphragm: Range = (-54, -38)
    pericardial_fat: Range = (3.5, 7.5)


@dataclass(frozen=True)
class Trees:
    """The coronary trees.  ``co_chance``: probability of codominance (posterolaterals from the LCX)."""

    left_chance: float = 0.0
    co_chance: float = 0.0
    ostium_turn: Range = (-22, 22)
    ostium_up: Range = (5, 13)
    depth: Range = (0.7, 1.6)
    wiggle: Range = (0.3, 0.8)
    calibre: Range = (1, 1)
    side_turn: Range = (0, 0)
    side_length: Range = (1, 1)
    right_length: Range = (130, 158)
    short_right_length: Range = (98, 118)
    left_main: Range = (7, 12)
    anterior_length: Range = (100, 132)
    circumflex_length: Range = (76, 108)
    long_circumflex_length: Range = (104, 128)
    acute_chance: float = 1.0
    conus_chance: float = 1.0
    posterolateral_chance: float = 1.0
    ramus_chance: float = 0.0
    diagonal_chances: tuple[float, ...] = (1.0, 1.0, 0.0)
    marginal_chances: tuple[float, ...] = (1.0, 0.7, 0.0)


@dataclass(frozen=True)
class Bolus:
    """Contrast medium: HU of the aorta, and fractions of it elsewhere; ``distal_loss`` is at 150 mm of a coronary."""

    aorta: Range = (320, 500)
    left_share: Range = (0.92, 1.0)
    right_share: Range = (0.35, 0.95)
    pulmonary_share: Range = (0.95, 1.15)
    vena_cava_share: Range = (0.8, 1.5)
    distal_loss: Range = (0.08, 0.08)
    myocardium: Range = (85, 120)
    fat: Range = (-110, -85)
    lung: Range = (-880, -800)
    muscle: Range = (45, 65)


@dataclass(frozen=True)
class Motion:
    """The beat, the acquisition window, and the timing and amplitude of vessel motion."""

    rr_ms: Range = (820, 1060)
    window_ms: Range = (125, 150)
    right: Range = (11.0, 15.0)
    anterior: Range = (5.0, 7.5)
    circumflex: Range = (7.5, 10.5)
    right_systolic_chance: float = 0.35
    left_systolic_chance: float = 0.12
    systole_width: Range = (5.5, 7.5)
    filling_width: Range = (4.5, 6.5)
    kick_width: Range = (3.5, 5.0)
    filling_share: Range = (0.6, 0.8)
    centre_spread: float = 1.0  # times 1.5, 2.5, 1.5 % of R-R


@dataclass(frozen=True)
class Lesions:
    """Plaque and stents.  ``calcified_counts``: possible counts per vessel, equally likely."""

    calcified_counts: tuple[int, ...] = (0, 0, 1, 2, 3, 5)
    calcified_radius: Range = (0.5, 1.1)
    calcified_stretch: Range = (1.0, 3.0)
    calcified_hu: Range = (600, 1100)
    calcified_bloom: Range = (0, 0)
    soft_chance: float = 0.0
    soft_severity: Range = (0.2, 0.2)
    soft_length: Range = (6, 6)
    soft_hu: Range = (50, 50)
    soft_remodelling: Range = (0, 0)
    stent_chance: float = 0.0
    stent_length: Range = (15, 15)
    stent_strength: Range = (500, 500)
    stent_bloom: Range = (0, 0)


@dataclass(frozen=True)
class Decoys:
    """Structures that look like coronary arteries."""

    vein_chance: float = 0.0
    vein_diameter: Range = (2.5, 2.5)
    vein_hu: Range = (150, 150)
    vein_gap: Range = (0.5, 0.5)
    mammary_chance: float = 0.0
    lead_chance: float = 0.0


@dataclass(frozen=True)
class Artefacts:
    """Partial-angle contrast, slabs from other beats, streaks of dense objects."""

    partial_angle: Range = (0, 0)
    slab_chance: float = 0.0
    slab_shift: Range = (1, 1)
    hardening: Range = (0, 0)


@dataclass(frozen=True)
class Scanner:
    """The scanner: kernel, noise and grid.  The noise of a phase lies between ``quiet_hu`` and ``loud_hu``."""

    psf: Range = (0.35, 0.35)
    quiet_hu: Range = (18, 18)
    loud_hu: Range = (28, 28)
    grain_voxels: Range = (0.8, 0.8)
    field_of_view: Range = (204.8, 204.8)
    slice_step: Range = (0.5, 0.5)
    coverage: Range = (128, 128)
    off_centre: Range = (0, 0)


@dataclass(frozen=True)
class Ranges:
    """A population of patients and scans; ``name`` identifies it on the command line."""

    name: str
    body: Body = field(default_factory=Body)
    trees: Trees = field(default_factory=Trees)
    bolus: Bolus = field(default_factory=Bolus)
    motion: Motion = field(default_factory=Motion)
    lesions: Lesions = field(default_factory=Lesions)
    decoys: Decoys = field(default_factory=Decoys)
    artefacts: Artefacts = field(default_factory=Artefacts)
    scan: Scanner = field(default_factory=Scanner)


def draw(rng: np.random.Generator, span: Range) -> float:
    """Draw a number from ``span``; a span of a single value consumes no random number."""
    low, high = span
    return float(low) if low == high else float(rng.uniform(low, high))


def happens(rng: np.random.Generator, chance: float) -> bool:
    """Return True with probability ``chance``; a certain outcome consumes no random number."""
    return chance >= 1 or (chance > 0 and bool(rng.random() < chance))


_Group = TypeVar("_Group")


def wider(ranges: Ranges, name: str) -> Ranges:
    """The same probabilities with every range and spread widened."""
    groups = {f.name: _wider_group(getattr(ranges, f.name)) for f in fields(ranges) if f.name != "name"}
    return replace(ranges, name=name, **groups)


def _wider_group(group: _Group) -> _Group:
    changed = {}
    for f in fields(group):  # type: ignore[arg-type]
        value = getattr(group, f.name)
        if f.name.endswith("_spread"):
            changed[f.name] = value * WIDER_SPREAD
        elif f.type == "Range":
            changed[f.name] = _wider_range(value)
    return replace(group, **changed)  # type: ignore[type-var]


def _wider_range(span: Range) -> Range:
    low, high = span
    more = WIDER_SHARE * (high - low)
    least = low * (1 - MOST_LOWERED) if low > 0 else low - more
    return (low if low == 0 else max(low - more, least)), high + more


def replace_group(ranges: Ranges, group: str, **changes: object) -> Ranges:
    """``ranges`` with other values in one of its groups."""
    return replace(ranges, **{group: replace(getattr(ranges, group), **changes)})


PLAIN = Ranges("plain")

TRAINING = Ranges(
    "training",
    Body(
        turn_spread=1.1,
        shift_spread=4.0,
        size=(0.85, 1.14),
        lv_radius=(29, 38),
        lv_wall=(7, 14),
        rv_reach=(27, 35),
        atrium_left=(22, 30.5),
        atrium_right=(21, 29),
        aorta=(13, 18.5),
        pulmonary=(11, 15),
        descending=(9.5, 14.5),
        excursion=(7, 14),
        sinus_turn_spread=10.0,
        chest_x=(-30, -10),
        chest_y=(25.5, 38),
        chest_half_width=(105, 145),
        chest_half_depth=(89.5, 108),
        skin_fat=(6, 50),
        chest_muscle=(10, 24),
        lung_hu=(-910, -740),
        fat_grow=(-8, 10),
        diaphragm=(-60, -32),
        pericardial_fat=(2.5, 10),
    ),
    Trees(
        left_chance=0.12,
        co_chance=0.1,
        ostium_turn=(-32, 32),
        ostium_up=(2, 17),
        depth=(0.4, 2.4),
        wiggle=(0.1, 1.3),
        calibre=(0.75, 1.3),
        side_turn=(-10, 10),
        side_length=(0.6, 1.5),
        right_length=(112, 163),
        short_right_length=(96, 122),
        left_main=(4, 17),
        anterior_length=(97, 143),
        circumflex_length=(58, 116),
        long_circumflex_length=(100, 128),
        acute_chance=0.85,
        conus_chance=0.7,
        posterolateral_chance=0.85,
        ramus_chance=0.25,
        diagonal_chances=(0.95, 0.75, 0.4),
        marginal_chances=(0.95, 0.65, 0.3),
    ),
    Bolus(
        aorta=(250, 600),
        left_share=(0.85, 1.05),
        right_share=(0.1, 1.05),
        pulmonary_share=(0.85, 1.3),
        vena_cava_share=(0.5, 2.4),
        distal_loss=(0.0, 0.3),
        myocardium=(65, 140),
        fat=(-120, -75),
        lung=(-910, -760),
        muscle=(40, 70),
    ),
    Motion(
        rr_ms=(650, 1200),
        window_ms=(66, 175),
        right=(8, 17),
        anterior=(3.5, 9),
        circumflex=(5.5, 12.5),
        systole_width=(5, 8),
        filling_width=(4, 7.5),
        kick_width=(3, 5.5),
        filling_share=(0.5, 0.9),
        centre_spread=1.3,
    ),
    Lesions(
        calcified_counts=(0, 0, 0, 1, 2, 4, 8),
        calcified_radius=(0.35, 1.7),
        calcified_stretch=(1.0, 5.0),
        calcified_hu=(450, 1500),
        calcified_bloom=(0.0, 0.35),
        soft_chance=0.4,
        soft_severity=(0.2, 0.7),
        soft_length=(4, 18),
        soft_hu=(20, 90),
        soft_remodelling=(0.0, 0.35),
        stent_chance=0.12,
        stent_length=(10, 25),
        stent_strength=(300, 1100),
        stent_bloom=(0.0, 0.35),
    ),
    Decoys(
        vein_chance=0.8,
        vein_diameter=(1.5, 4.0),
        vein_hu=(60, 350),
        vein_gap=(0.0, 2.5),
        mammary_chance=0.5,
        lead_chance=0.05,
    ),
    Artefacts(partial_angle=(0.0, 1.2), slab_chance=0.35, slab_shift=(0.5, 3.0), hardening=(0.0, 1.0)),
    Scanner(
        psf=(0.25, 0.6),
        quiet_hu=(8, 30),
        loud_hu=(12, 45),
        grain_voxels=(0.5, 1.5),
        field_of_view=(160, 250),
        slice_step=(0.4, 1.0),
        coverage=(118, 160),
        off_centre=(-15, 15),
    ),
)

#: Slice spacing is not widened beyond 1 mm: thicker slices are refused.
TEST = replace_group(wider(TRAINING, "test"), "scan", slice_step=(0.35, 1.0))

#: The populations by name.
RANGES = {ranges.name: ranges for ranges in (PLAIN, TRAINING, TEST)}


def ranges_named(name: str) -> Ranges:
    """The population called ``name``.

    Raises:
        InputError: code ``unknown-ranges``.
    """
    if name not in RANGES:
        raise InputError("unknown-ranges", f"ranges must be one of {', '.join(RANGES)} but is {name!r}.")
    return RANGES[name]
