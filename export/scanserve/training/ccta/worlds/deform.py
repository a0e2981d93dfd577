"""Random deformation: rotation and scale about the middle, and a smooth displacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from scipy import ndimage
from scipy.spatial.transform import Rotation
from torch import Tensor

from scanserve.contracts.ccta import WORKING_SHAPE
from scanserve.contracts.ct import AIR_HU
from scanserve.training.ccta.worlds.frame import HALF_MM, axes_mm
from scanserve.training.ccta.worlds.scene import SCENE_MM

__all__ = ["Deformation"]

#: Largest rotation (degrees), range of scales, largest standard deviation of the displacement (mm), its knots per axis.
ROTATION_DEG, SCALE, DISPLACEMENT_MM, KNOTS = 25.0, (0.8, 1.25), 5.0, 7
#: Fixed-point iterations that invert the displacement: it is smooth, so each gains more than a digit.
INVERSIONS = 4


@dataclass(frozen=True)
class Deformation:
    """World to scene: ``matrix @ (place + displacement(place))``, all in mm (z, y, x) from the middle.

    Attributes:
        matrix: (3, 3), a rotation divided by ``scale``.
        scale: how much larger the world is than the scene.
        knots: float32 [3, k, k, k], the displacement in mm on a lattice over the working grid.
    """

    matrix: npt.NDArray[np.float64]
    scale: float
    knots: npt.NDArray[np.float32]

    @classmethod
    def sample(cls, rng: np.random.Generator) -> Deformation:
        """A random deformation."""
        axis = rng.standard_normal(3)
        angle = np.deg2rad(rng.uniform(-ROTATION_DEG, ROTATION_DEG))
        scale = float(np.exp(rng.uniform(*np.log(SCALE))))
        matrix = Rotation.from_rotvec(angle * axis / np.linalg.norm(axis)).as_matrix() / scale
        knots = rng.standard_normal((3, KNOTS, KNOTS, KNOTS)).astype(np.float32)
        knots = ndimage.gaussian_filter(knots, (0, 0.6, 0.6, 0.6))
        return cls(matrix, scale, knots / knots.std() * np.float32(rng.uniform(0, DISPLACEMENT_MM)))

    def to_world(self, points: npt.NDArray) -> npt.NDArray[np.float64]:
        """Points (N, 3) of the scene in the world."""
        undisplaced = points @ np.linalg.inv(self.matrix).T
        places = undisplaced.copy()
        for _ in range(INVERSIONS):
            places = undisplaced - self._displacement(places)
        return places

    def turned(self, moves: npt.NDArray) -> npt.NDArray[np.float64]:
        """Short moves (..., 3) mm of the scene in the world; the displacement hardly differs along them."""
        return np.asarray(moves @ np.linalg.inv(self.matrix).T, float)

    def warp(self, hu: Tensor, centre: npt.NDArray) -> tuple[Tensor, Tensor]:
        """A scene's image (int16) on the working grid, float32, by linear interpolation; which voxels lie inside it."""
        device = hu.device
        places = torch.stack(torch.meshgrid(*axes_mm(device), indexing="ij")).flatten(1)  # [3, V]
        matrix = torch.as_tensor(self.matrix, dtype=torch.float32, device=device)
        moved = matrix @ (places + self._dense(device).flatten(1))
        index = moved / SCENE_MM + torch.tensor(centre, dtype=torch.float32, device=device)[:, None]
        size = torch.tensor(hu.shape, dtype=torch.float32, device=device)[:, None]
        where = (index / (size - 1) * 2 - 1).flip(0).T.reshape(1, *WORKING_SHAPE, 3)
        image = (hu.float() - AIR_HU)[None, None]
        warped = F.grid_sample(image, where, padding_mode="border", align_corners=True)[0, 0] + AIR_HU
        return warped, (where.abs() <= 1).all(-1)[0]

    def _dense(self, device: torch.device) -> Tensor:
        """The displacement of every voxel, [3, z, y, x] mm."""
        knots = torch.from_numpy(self.knots).to(device)[None]
        return F.interpolate(knots, size=WORKING_SHAPE, mode="trilinear", align_corners=True)[0]

    def _displacement(self, places: npt.NDArray) -> npt.NDArray[np.float64]:
        """The displacement (N, 3) mm at ``places`` (N, 3)."""
        index = ((places + HALF_MM) / (2 * HALF_MM) * (KNOTS - 1)).T
        return np.stack(
            [ndimage.map_coordinates(axis, index, order=1, mode="nearest") for axis in self.knots], axis=1
        )
