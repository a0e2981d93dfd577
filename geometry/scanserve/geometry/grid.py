"""A regular, axis-aligned voxel grid in LPS millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError

__all__ = ["Grid"]


@dataclass(frozen=True)
class Grid:
    """``shape`` is ``(z, y, x)``; ``origin`` (centre of voxel [0, 0, 0]) and ``spacing`` are xyz in mm.

    Raises:
        InputError: code ``grid-invalid``.
    """

    shape: tuple[int, int, int]
    origin: tuple[float, float, float]
    spacing: tuple[float, float, float]

    def __post_init__(self) -> None:
        for name, kind in (("shape", int), ("origin", float), ("spacing", float)):
            value = tuple(kind(item) for item in getattr(self, name))
            if len(value) != 3 or (name != "origin" and min(value) <= 0):
                raise InputError(
                    "grid-invalid",
                    f"grid {name} must be three positive numbers but is {getattr(self, name)!r}.",
                )
            object.__setattr__(self, name, value)

    @classmethod
    def centred(
        cls,
        shape: tuple[int, int, int],
        spacing: tuple[float, float, float] | float,
        centre: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> Grid:
        """A grid whose middle is at ``centre`` (xyz, mm); ``spacing`` is xyz or one number."""
        steps = np.broadcast_to(np.asarray(spacing, float), (3,))
        origin = np.asarray(centre, float) - (np.asarray(shape[::-1]) - 1) * steps / 2
        return cls(shape, (origin[0], origin[1], origin[2]), (steps[0], steps[1], steps[2]))

    def axes(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Coordinates in mm of the voxel centres along x, y and z."""
        return tuple(
            (self.origin[i] + self.spacing[i] * np.arange(self.shape[2 - i])).astype(np.float32)
            for i in range(3)
        )  # type: ignore[return-value]
