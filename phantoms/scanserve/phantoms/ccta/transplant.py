"""Reads a real CT and makes it the host of phantom coronaries: one volume, its heart found and measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, map_coordinates

from scanserve.contracts import StudyError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.matching import match
from scanserve.phantoms.ccta.measured import LUMEN_HU, Field, Found, measure
from scanserve.phantoms.ccta.pose import BASE
from scanserve.phantoms.ccta.walls import Walls
from scanserve.preprocessing import Volume, read_study

__all__ = ["host_of", "read_host"]

#: Noise is what is finer than this, mm, and within so many of its standard deviations.
NOISE_MM, NOISE_SPREADS = 2.0, 2.0


def read_host(folder: str | Path, at: npt.ArrayLike | None = None) -> Host:
    """The CT in ``folder`` as a host; ``at``: (x, y, z) LPS mm of about its heart's middle, or found.

    Raises:
        StudyError: as :func:`~scanserve.preprocessing.read_study` and ``Phase.load``, and code
            ``not-one-volume`` where the folder holds several phases.
        InputError: codes ``place-outside``, ``no-heart``.
    """
    study = read_study(folder)
    if len(study.phases) != 1:
        raise StudyError(
            "not-one-volume", f"the CT must be one phase but the folder holds {len(study.phases)} phases."
        )
    return host_of(study.phases[0].load(), at)


def host_of(volume: Volume, at: npt.ArrayLike | None = None) -> Host:
    """The host that ``volume`` is; see :func:`read_host`."""
    found = match(volume, at)
    heart = measure(volume, found.pose, found.reference.sizes)
    isocentre = found.pose.base - BASE
    origin = volume.origin - isocentre
    spacing = (float(volume.spacing[0]), float(volume.spacing[1]), float(volume.spacing[2]))
    return Host(
        hu=_without_own_arteries(volume, heart),
        grid=Grid(volume.shape, (origin[0], origin[1], origin[2]), spacing),
        pose=replace(found.pose, base=BASE),
        walls=_moved(heart.walls, -isocentre),
        blood_hu=heart.blood_hu,
        fat_hu=heart.fat_hu,
    )


def _moved(walls: Walls, shift: npt.NDArray) -> Walls:
    """Walls of :class:`Field` shapes, ``shift`` (3,) mm away."""
    made: dict[int, Field] = {}
    for shape in (*walls.outside, *walls.body):
        assert isinstance(shape, Field)
        x, y, z = shape.grid.origin + shift
        made[id(shape)] = replace(shape, grid=replace(shape.grid, origin=(x, y, z)))
    outside, body = ([made[id(s)] for s in shapes] for shapes in (walls.outside, walls.body))
    routes = walls.routes.moved(shift) if walls.routes else None
    return replace(
        walls, outside=tuple(outside), aorta=made[id(walls.aorta)], body=tuple(body),
        root=walls.root + shift, routes=routes,
    )  # fmt: skip


def _without_own_arteries(volume: Volume, heart: Found) -> npt.NDArray[np.float32]:
    """The CT with fat, and the CT's own noise, where the patient's own arteries are."""
    hu = volume.hu.astype(np.float32)
    noise = hu - gaussian_filter(hu, NOISE_MM / volume.spacing[::-1])
    index = (volume.to_lps(np.argwhere(np.ones(volume.shape, bool))) - heart.grid.origin) / heart.grid.spacing
    soft = map_coordinates(heart.own.astype(np.float32), index[:, ::-1].T, order=1, cval=0.0)
    share = np.clip(2 * soft.reshape(volume.shape), 0, 1)
    own = share > 0
    spread = NOISE_SPREADS * 1.48 * float(np.median(np.abs(noise[hu > LUMEN_HU])))
    hu[own] += share[own] * (heart.fat_hu + np.clip(noise[own], -spread, spread) - hu[own])
    return hu
