"""Search for the heart in a CT: the pose in which the phantom's image is most similar.

A mean phantom is evaluated once on a lattice of points around its heart.  The points are rotated, shifted and scaled
together until the CT at these points correlates best with the phantom: first on a strongly smoothed CT, starting at
the centre of its wide bright compartments, then on sharper ones.  Without contrast medium the phantom has none either,
only the outline counts, and the search starts in several places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_opening, gaussian_filter
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from scanserve.contracts import InputError
from scanserve.geometry.sampling import trilinear
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.background import background_points
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.ranges import PLAIN, Range, Ranges, replace_group
from scanserve.phantoms.ccta.surface import distance_to
from scanserve.preprocessing import Volume

__all__ = ["ENHANCED", "UNENHANCED", "Appearance", "Match", "match"]

#: Spacing and half edge of the lattice, its extent around the heart and its height, mm.
LATTICE_MM, HALF_MM, AROUND_MM, TOP_MM = 4.0, 92.0, 10.0, 65.0
#: Enhanced blood is brighter than BLOOD_HU, in compartments wider than WIDE_MM.
BLOOD_HU, WIDE_MM = 180.0, 15.0
#: Parts of a CT, along x, y and z, at which the search for a heart without contrast medium starts.
STARTS = ((0.5,), (0.5,), (0.3, 0.5, 0.7))
#: Smoothing of the CT in successive searches, mm.
SMOOTHING_MM = (6.0, 3.0, 1.0)
#: Scale of the search: radians, and natural logarithm of the size, per millimetre.
TURN_PER_MM, SIZE_PER_MM = 1 / 40, 1 / 60
#: A phase between the extremes.
PERCENT = 70.0


@dataclass(frozen=True)
class Appearance:
    """What a heart looks like.

    HU are clipped to ``shown_hu``; the phantom belongs to ``ranges``, and its middle is that of what is brighter than
    ``tissue_hu``; ``least`` is the smallest correlation of a heart.
    """

    shown_hu: tuple[float, float]
    ranges: Ranges
    tissue_hu: float
    least: float


@dataclass(frozen=True, eq=False)
class Match:
    """``pose`` of the heart in LPS mm of the CT, ``likeness`` (correlation of phantom and CT), and the mean phantom."""

    pose: Pose
    likeness: float
    reference: Anatomy


def _mean_ranges(**bolus: Range) -> Ranges:
    """The plain population without spread of pose and size."""
    steady = replace_group(PLAIN, "body", turn_spread=0.0, shift_spread=0.0, size=(1, 1))
    return replace_group(steady, "bolus", **bolus)


#: Both sides of the heart are enhanced; another heart in the same pose has a likeness of about 0.6, a shifted one 0.3.
ENHANCED = Appearance((-150.0, 350.0), _mean_ranges(right_share=(0.8, 0.8)), BLOOD_HU, 0.45)
#: Blood and myocardium are alike; measured on one CT: 0.45 in the right pose, 0.42 at most in others.
UNENHANCED = Appearance(
    (-150.0, 100.0),
    _mean_ranges(
        aorta=(45, 45),
        left_share=(1, 1),
        right_share=(1, 1),
        pulmonary_share=(1, 1),
        vena_cava_share=(1, 1),
        myocardium=(45, 45),
    ),
    20.0,
    0.43,
)


def match(volume: Volume, at: npt.ArrayLike | None = None, looks: Appearance = ENHANCED) -> Match:
    """Find the heart of ``volume``, starting at ``at`` ((x, y, z) LPS mm, roughly the middle of the heart).

    Raises:
        InputError: code ``place-outside`` if ``at`` is outside the volume, ``no-heart`` if none is found.
    """
    starts = _starts(volume, looks) if at is None else [_inside(volume, np.asarray(at, float))]
    found = max((_from(volume, start, looks) for start in starts), key=lambda match: match.likeness)
    if found.likeness < looks.least:
        raise InputError(
            "no-heart",
            f"the CT must show a heart, similar to the phantom's by at least {looks.least:g}, "
            f"but the similarity is only {found.likeness:.2f}.",
        )
    return found


def _from(volume: Volume, start: npt.NDArray, looks: Appearance) -> Match:
    """The most similar pose, sought from ``start``."""
    reference, points, wanted = _lattice(looks)
    x = np.concatenate([start - points[wanted > looks.tissue_hu].mean(0), np.zeros(4)])
    clipped, likeness = np.clip(volume.hu, *looks.shown_hu).astype(np.float32), 0.0
    for smoothing in SMOOTHING_MM:
        image = gaussian_filter(clipped, smoothing / volume.grid.spacing[::-1])

        def unlike(x: npt.NDArray, image: npt.NDArray = image) -> float:
            index = volume.grid.to_index(_placed(points, reference.pose.base, x))
            return -_correlation(trilinear(image, index, None, np.float64).astype(np.float32), wanted)

        done = minimize(unlike, x, method="Powell", options={"xtol": 0.1, "ftol": 1e-4, "maxfev": 3000})
        x, likeness = done.x, -float(done.fun)
    return Match(_pose(reference.pose, x), likeness, reference)


@cache
def _lattice(looks: Appearance) -> tuple[Anatomy, npt.NDArray, npt.NDArray]:
    """The mean phantom, points (N, 3) on and around its heart, and its HU there."""
    reference = Anatomy.sample(0, looks.ranges)
    axis = np.arange(-HALF_MM, HALF_MM + 1, LATTICE_MM)
    points = np.stack(np.meshgrid(axis, axis, axis[axis < TOP_MM], indexing="ij"), -1).reshape(-1, 3)
    shapes = reference.chambers(PERCENT).outside()
    near = np.concatenate([distance_to(shapes, part) for part in np.array_split(points, 32)])
    points = points[near < AROUND_MM]
    hu = background_points(reference, PERCENT, points.astype(np.float32))
    return reference, points, np.clip(hu, *looks.shown_hu)


def _starts(volume: Volume, looks: Appearance) -> list[npt.NDArray]:
    """Places from which a heart is sought whose place is not known."""
    if looks is ENHANCED:
        return [_bright_middle(volume)]
    low, high = volume.grid.bounds()
    return [low + np.array(part) * (high - low) for part in product(*STARTS)]


def _bright_middle(volume: Volume) -> npt.NDArray:
    """The centre of the wide bright compartments."""
    bright = gaussian_filter(volume.hu.astype(np.float32), 3.0 / volume.grid.spacing[::-1]) > BLOOD_HU
    half = np.maximum(np.rint(WIDE_MM / 2 / volume.grid.spacing[::-1]), 1).astype(int)
    wide = np.argwhere(binary_opening(bright, np.ones(2 * half + 1, bool)))
    if not len(wide):
        raise InputError(
            "no-heart", "the CT must show a heart with contrast medium but no wide compartment is bright."
        )
    return volume.grid.to_lps(wide.mean(0))


def _inside(volume: Volume, at: npt.NDArray) -> npt.NDArray:
    low, high = volume.grid.bounds()
    if not ((at >= low) & (at <= high)).all():
        raise InputError(
            "place-outside",
            f"the heart's middle must lie in the CT, from {np.round(low, 1).tolist()} to "
            f"{np.round(high, 1).tolist()} mm, but is {at.tolist()}.",
        )
    return at


def _turn(x: npt.NDArray) -> npt.NDArray:
    return Rotation.from_rotvec(x[3:6] * TURN_PER_MM).as_matrix()


def _placed(points: npt.NDArray, base: npt.NDArray, x: npt.NDArray) -> npt.NDArray:
    """``points`` (N, 3), rotated and scaled about ``base`` and shifted; ``x`` (7,) is shift, rotation, size."""
    return (points - base) @ _turn(x).T * np.exp(x[6] * SIZE_PER_MM) + base + x[:3]


def _pose(pose: Pose, x: npt.NDArray) -> Pose:
    size = float(pose.size * np.exp(x[6] * SIZE_PER_MM))
    return replace(pose, base=pose.base + x[:3], axes=pose.axes @ _turn(x).T, size=size)


def _correlation(a: npt.NDArray, b: npt.NDArray) -> float:
    """Pearson correlation; 0 if either is constant."""
    a, b = a - a.mean(), b - b.mean()
    return float((a @ b) / max(float(np.sqrt((a @ a) * (b @ b))), 1e-9))
