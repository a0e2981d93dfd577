"""The walls of a real heart, measured in its CT around the pose of the matched phantom.

Symbols: voxels of WORK_MM, [z, y, x]; HU of the CT after a Gaussian of NOISE_MM.

Contrast medium distinguishes blood and, less clearly, myocardium from fat, lung and liver.  Voxels brighter than
TISSUE_HU and at most AROUND_MM from the phantom's heart are opened by a ball of THIN_MM, which removes the patient's
own coronaries.  The largest component is the heart.  The aorta is the bright lumen within AORTA_MM of the phantom's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_fill_holes, distance_transform_edt, gaussian_filter, label

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.geometry.sampling import resample, sample
from scanserve.phantoms.ccta.chambers import Chambers, Contraction, Sizes, build_chambers, root_centre
from scanserve.phantoms.ccta.host import AIR_HU
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.routes import Routes, grooves
from scanserve.phantoms.ccta.shapes import Floats, Shape
from scanserve.phantoms.ccta.surface import NEAR_MM, distance_to
from scanserve.phantoms.ccta.walls import Walls
from scanserve.preprocessing import Volume

__all__ = ["LUMEN_HU", "Field", "MeasuredHeart", "fat_on", "measure", "signed_distance"]

WORK_MM, NOISE_MM = 1.5, 1.5
TISSUE_HU, LUMEN_HU = 85.0, 200.0
AROUND_MM, AORTA_MM = 12.0, 5.0
THIN_MM, LEAK_MM, MARGIN_MM = 3.0, 2.5, 40.0
#: Start of the aorta below the centre of the phantom's root; half thickness of the slabs whose centres define its
#: axis; and height of the upper slab above the lower, mm.
BELOW_MM, LEVELS_MM, HIGHER_MM = 6.0, 4.0, 14.0
#: Courses are cast onto tissue this close to the phantom's ventricles and atria, mm.
BODY_MM = 8.0
#: Smallest volume of a heart and of an aortic root, ml.
LEAST_HEART_ML, LEAST_AORTA_ML = 150.0, 5.0
#: The patient's own arteries: largest half width, range of distances from the walls (mm), lowest HU.
OWN_MM, OWN_NEAR_MM, OWN_FAR_MM, OWN_HU = 3.0, 1.0, 12.0, -30.0
FAT_HU = (-150.0, -50.0)
#: The contraction in the CT is unknown; a small value is assumed.
BEAT = Contraction(0.3, 0.3, 0.3)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Field:
    """A shape given by its signed distances (mm, float32 [z, y, x]) on ``grid``."""

    grid: Grid
    values: Floats

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner of the grid, xyz."""
        return self.grid.bounds()

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside; outside the grid, the value at its edge."""
        points = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
        return sample(self, points, None, np.float64).astype(np.float32)


@dataclass(frozen=True, eq=False)
class MeasuredHeart:
    """The measured walls, HU of aortic blood and of fat, and mask of the patient's own arteries on ``grid``."""

    walls: Walls
    blood_hu: float
    fat_hu: float
    grid: Grid
    own: Mask


def signed_distance(mask: Mask, spacing: float) -> Floats:
    """Distance (mm, float32) from each voxel centre to the border of ``mask``, negative inside.

    The border lies half a voxel from the voxel centres on either side.
    """
    outside = distance_transform_edt(~mask, sampling=spacing)
    inside = distance_transform_edt(mask, sampling=spacing)
    return gaussian_filter(np.where(mask, spacing / 2 - inside, outside - spacing / 2), 0.7).astype(
        np.float32
    )


def measure(volume: Volume, pose: Pose, sizes: Sizes) -> MeasuredHeart:
    """Measure the heart of ``volume``, which a phantom of ``pose`` and ``sizes`` matches.

    Raises:
        InputError: code ``no-heart``.
    """
    chambers = build_chambers(pose, sizes, BEAT)
    grid = _grid(chambers)
    hu = resample(volume.hu, volume.grid, grid, AIR_HU)
    smooth = gaussian_filter(hu, NOISE_MM / WORK_MM)
    heart, aorta = _heart(smooth, chambers, grid), _aorta(smooth, chambers, root_centre(pose), grid)
    _check("heart", heart, LEAST_HEART_ML)
    _check("aortic root", aorta, LEAST_AORTA_ML)
    own, fat = _own_arteries(smooth, heart | aorta)
    walls = _walls(heart & ~aorta, aorta, chambers, root_centre(pose), grid)
    return MeasuredHeart(walls, float(np.median(hu[aorta])), fat, grid, own)


def _heart(smooth: Floats, chambers: Chambers, grid: Grid) -> Mask:
    near = _distances(chambers.outside(), grid) < AROUND_MM
    return _largest((smooth > TISSUE_HU) & near, THIN_MM, THIN_MM)


def _aorta(smooth: Floats, chambers: Chambers, expected: npt.NDArray, grid: Grid) -> Mask:
    """The lumen from just below the expected centre of the root upward."""
    near = _distances((chambers.aorta,), grid) < AORTA_MM
    near &= grid.axes()[2][:, None, None] > expected[2] - BELOW_MM
    return _largest((smooth > LUMEN_HU) & near, LEAK_MM, LEAK_MM + WORK_MM / 2)


def _walls(rest: Mask, aorta: Mask, chambers: Chambers, expected: npt.NDArray, grid: Grid) -> Walls:
    """The walls, from the masks of the aorta and of the ``rest`` of the heart."""
    to_body = _distances((*chambers.ventricles, *chambers.atria), grid)
    to_trunk = _distances((chambers.pulmonary_artery,), grid)
    body = rest & (to_body < np.minimum(to_trunk, BODY_MM))
    outer, tube, trunk = (Field(grid, signed_distance(mask, WORK_MM)) for mask in (rest, aorta, body))
    routes = Routes(grid, np.minimum(outer.values, tube.values), grooves(body, WORK_MM))
    root = _middle(aorta, grid, expected)
    above = _middle(aorta, grid, root + np.array([0, 0, HIGHER_MM]))
    lean = (above - root) / max(above[2] - root[2], WORK_MM)
    return Walls((outer, tube), tube, (trunk,), root, lean, routes)


def _grid(chambers: Chambers) -> Grid:
    """A grid of WORK_MM around ventricles, atria and the root."""
    corners = [shape.bounds() for shape in (*chambers.ventricles, *chambers.atria)]
    low = np.min([c[0] for c in corners], axis=0) - MARGIN_MM
    high = np.max([c[1] for c in corners], axis=0) + MARGIN_MM
    nx, ny, nz = (np.ceil((high - low) / WORK_MM).astype(int) + 1).tolist()
    return Grid((nz, ny, nx), low, WORK_MM)


def _distances(shapes: Sequence[Shape], grid: Grid) -> Floats:
    """Distance (mm) of every voxel to the shapes, at most NEAR_MM; slice by slice."""
    x, y, z = grid.axes()
    plane = np.stack(np.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 2)
    out = np.empty(grid.shape, np.float32)
    for k, level in enumerate(z):
        points = np.column_stack([plane, np.full(len(plane), level, np.float32)])
        out[k] = np.minimum(distance_to(shapes, points), NEAR_MM).reshape(grid.shape[1:])
    return out


def _largest(mask: Mask, shrink: float, grow: float) -> Mask:
    """The largest component of ``mask`` after erosion by ``shrink`` mm, dilated by ``grow`` mm, with holes filled."""
    pieces, count = label(distance_transform_edt(mask, sampling=WORK_MM) > shrink)
    if not count:
        return np.zeros(mask.shape, bool)
    core = pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])
    return binary_fill_holes((distance_transform_edt(~core, sampling=WORK_MM) <= grow) & mask)


def _check(what: str, mask: Mask, least: float) -> None:
    ml = float(mask.sum()) * WORK_MM**3 / 1000
    if ml < least:
        raise InputError(
            "no-heart",
            f"the CT must show a contrast-filled {what} of {least:g} ml but {ml:.0f} ml were found.",
        )


def _middle(mask: Mask, grid: Grid, at: npt.NDArray) -> npt.NDArray:
    """The centre (3,) of the slices of ``mask`` around the height of ``at``, or ``at`` if they are empty."""
    level = abs(grid.axes()[2] - at[2]) < LEVELS_MM
    found = np.argwhere(mask & level[:, None, None])
    return grid.to_lps(found.mean(0)) if len(found) else at


def fat_on(volume: Volume, pose: Pose, sizes: Sizes) -> float:
    """The HU of the fat on the heart of ``volume``, which a phantom of ``pose`` and ``sizes`` matches."""
    chambers = build_chambers(pose, sizes, BEAT)
    grid = _grid(chambers)
    smooth = gaussian_filter(resample(volume.hu, volume.grid, grid, AIR_HU), NOISE_MM / WORK_MM)
    return _fat(smooth[_shell(_distances(chambers.outside(), grid) < 0)])


def _own_arteries(smooth: Floats, heart: Mask) -> tuple[Mask, float]:
    """Thin structures brighter than fat in the fat on the heart, and the HU of that fat."""
    shell = _shell(heart)
    bright = smooth > OWN_HU
    core = distance_transform_edt(bright, sampling=WORK_MM) > OWN_MM
    thick = distance_transform_edt(~core, sampling=WORK_MM) <= OWN_MM + WORK_MM
    return shell & bright & ~thick, _fat(smooth[shell])


def _shell(heart: Mask) -> Mask:
    away = distance_transform_edt(~heart, sampling=WORK_MM)
    return (away > OWN_NEAR_MM) & (away < OWN_FAR_MM)


def _fat(values: Floats) -> float:
    """The median of those values that are fat."""
    fat = values[(values > FAT_HU[0]) & (values < FAT_HU[1])]
    return float(np.median(fat)) if fat.size else float(np.mean(FAT_HU))
