"""Interpolators of a CT along a path: linear, at the same positions, to rounded Hounsfield units ``[T, R, C]``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU
from scanserve.perf.peers import Peer

if TYPE_CHECKING:
    from scanserve.preprocessing import Volume

__all__ = ["interpolators"]

Sections = npt.NDArray[np.int16]
#: Positions (T, R, C, 3) in mm for one path.
Positions = Callable[[], list[npt.NDArray[np.float64]]]


def interpolators(volume: Volume, positions: Positions) -> list[Peer]:
    """Every interpolator of ``volume``; each asks for the ``positions`` of all paths itself, as ours does."""
    return [
        Peer("scipy.ndimage, order 1", lambda: _scipy(volume, positions)),
        Peer("SimpleITK's resampling by a displacement field", lambda: _simpleitk(volume, positions)),
        Peer("VTK's probe filter", lambda: _vtk(volume, positions)),
    ]


def _rounded(values: npt.NDArray) -> Sections:
    return np.rint(values).astype(np.int16)


def _scipy(volume: Volume, positions: Positions) -> Callable[[], list[Sections]]:
    from scipy import ndimage

    def sample(points: npt.NDArray) -> Sections:
        index = np.moveaxis(volume.grid.to_index(points), -1, 0)
        return _rounded(ndimage.map_coordinates(volume.hu, index, output=np.float32, order=1, cval=AIR_HU))

    return lambda: [sample(points) for points in positions()]


def _simpleitk(volume: Volume, positions: Positions) -> Callable[[], list[Sections]]:
    import SimpleITK

    image = SimpleITK.GetImageFromArray(volume.hu)
    image.SetSpacing([float(value) for value in volume.grid.spacing])
    image.SetOrigin([float(value) for value in volume.grid.origin])

    def sample(points: npt.NDArray) -> Sections:
        own = np.stack(np.meshgrid(*map(np.arange, points.shape[2::-1]), indexing="ij"), -1).transpose(
            2, 1, 0, 3
        )
        field = SimpleITK.GetImageFromArray(points - own, isVector=True)
        moved = SimpleITK.DisplacementFieldTransform(field)
        reference = SimpleITK.Image(points.shape[2], points.shape[1], points.shape[0], SimpleITK.sitkFloat32)
        found = SimpleITK.Resample(
            image, reference, moved, SimpleITK.sitkLinear, float(AIR_HU), SimpleITK.sitkFloat32
        )
        return _rounded(SimpleITK.GetArrayViewFromImage(found))

    return lambda: [sample(points) for points in positions()]


def _vtk(volume: Volume, positions: Positions) -> Callable[[], list[Sections]]:
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
    from vtkmodules.vtkFiltersCore import vtkProbeFilter

    image = vtkImageData()
    image.SetDimensions(*volume.hu.shape[::-1])
    image.SetSpacing(*map(float, volume.grid.spacing))
    image.SetOrigin(*map(float, volume.grid.origin))
    image.GetPointData().SetScalars(numpy_to_vtk(volume.hu.ravel().astype(np.float32)))

    def sample(points: npt.NDArray) -> Sections:
        where: Any = vtkPoints()
        where.SetData(numpy_to_vtk(np.ascontiguousarray(points.reshape(-1, 3))))
        cloud = vtkPolyData()
        cloud.SetPoints(where)
        probe = vtkProbeFilter()
        probe.SetInputData(cloud)
        probe.SetSourceData(image)
        probe.Update()
        data = probe.GetOutput().GetPointData()
        valid = vtk_to_numpy(data.GetArray("vtkValidPointMask")).astype(bool)
        values = np.where(valid, vtk_to_numpy(data.GetScalars()), AIR_HU)
        return _rounded(values.reshape(points.shape[:-1]))

    return lambda: [sample(points) for points in positions()]
