"""A heart in closed form: an aorta, a right artery, and a left main that forks; and the files that data sets keep.

Everything is straight lines in LPS mm, so that what is found can be compared with what was drawn.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK

Points = npt.NDArray[np.float64]

AORTA_MM, TUBE_MM = 14.0, 2.0
FAT_HU, BLOOD_HU = -80, 400
RCA = np.array([(-13, -8, 0), (-40, -25, -12), (-50, 0, -50), (-25, 28, -66)], float)
FORK = (26, 2, 2)
LAD = np.array([(13, 4, 4), FORK, (40, -25, -15), (50, -40, -50), (46, -46, -78)], float)
DIAGONAL = np.array([(40, -25, -15), (64, -12, -44)], float)
LCX = np.array([(13, 4, 4), FORK, (42, 26, -10), (32, 46, -35), (6, 52, -55)], float)
LINES = {"RCA": [RCA], "LAD": [LAD, DIAGONAL], "LCX": [LCX]}
#: Voxels of 1 mm; the first one's centre.
SHAPE, FIRST = (112, 118, 136), np.array([-62.0, -58.0, -88.0])


def dense(line: Points, step: float = 0.25) -> Points:
    """Points of a polyline every ``step`` mm."""
    pieces = [
        a + np.linspace(0, 1, max(2, int(np.linalg.norm(b - a) / step)), endpoint=False)[:, None] * (b - a)
        for a, b in itertools.pairwise(line)
    ]
    return np.concatenate([*pieces, line[-1:]])


def distance_to(line: Points, points: Points) -> Points:
    """Distance (N,) mm of points (N, 3) to a polyline (M, 3)."""
    nearest = np.full(len(points), np.inf)
    for a, b in itertools.pairwise(line):
        along = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(points - a - along[:, None] * (b - a), axis=1))
    return nearest


def voxels() -> Points:
    """Positions (Z, Y, X, 3) of the voxels."""
    z, y, x = np.indices(SHAPE)
    return np.stack([x, y, z], axis=-1) + FIRST


def arteries(lines: dict[str, list[Points]] = LINES) -> npt.NDArray[np.bool_]:
    """The mask [z, y, x] of the arteries, outside of the aorta."""
    points = voxels().reshape(-1, 3)
    near = np.zeros(len(points), bool)
    for line in (line for tree in lines.values() for line in tree):
        near |= distance_to(line, points) <= TUBE_MM
    return (near & (np.hypot(points[:, 0], points[:, 1]) >= AORTA_MM - 1)).reshape(SHAPE)


def ct(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int16]:
    """The CT [z, y, x] in HU: arteries and aorta full of contrast, in fat."""
    points = voxels()
    aorta = (np.hypot(points[..., 0], points[..., 1]) <= AORTA_MM) & (points[..., 2] >= -15)
    return np.where(mask | aorta, BLOOD_HU, FAT_HU).astype(np.int16)


def image(values: npt.NDArray, stored: str = "LPS", first: Points = FIRST) -> SimpleITK.Image:
    """An array [z, y, x] as an image, stored along other axes of the patient, such as ``RAS``."""
    made = SimpleITK.GetImageFromArray(values)
    made.SetOrigin(first.tolist())
    return SimpleITK.DICOMOrient(made, stored)


def write(values: npt.NDArray, file: Path, stored: str = "LPS") -> Path:
    """Write an array [z, y, x] in the format that the file's name ends with.

    NIfTI under a plain name first: ITK writes, but does not read, ``1.img.nii.gz`` as a pair of files.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = file.with_name("plain.nii.gz") if file.suffix == ".gz" else file
    SimpleITK.WriteImage(image(values, stored), str(plain))
    return plain.rename(file)
