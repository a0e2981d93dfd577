"""A real CT as the host of phantom coronaries: one volume, with its heart found and measured.

Without contrast medium only the outline of a heart is found: the vessels then lie on the phantom's walls in its pose.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from scanserve.contracts import StudyError
from scanserve.geometry.sampling import resample
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.matching import UNENHANCED, match
from scanserve.phantoms.ccta.measured import BEAT, LUMEN_HU, Field, MeasuredHeart, fat_on, measure
from scanserve.phantoms.ccta.pose import BASE
from scanserve.phantoms.ccta.walls import Walls, phantom_walls
from scanserve.preprocessing import Volume, read_study

__all__ = ["host_of", "read_host", "unenhanced_host_of"]

#: Noise is the part of the CT finer than this, mm, within this many standard deviations.
NOISE_MM, NOISE_SPREADS = 2.0, 2.0


def read_host(folder: str | Path, at: npt.ArrayLike | None = None, *, unenhanced: bool = False) -> Host:
    """Read the CT in ``folder`` as a host.

    Args:
        folder: the DICOM files of one volume.
        at: roughly the middle of its heart, (x, y, z) LPS mm, if known.
        unenhanced: whether its blood has no contrast medium.

    Raises:
        StudyError: as :func:`~scanserve.preprocessing.read_study` and ``Phase.load``, and code
            ``not-one-volume`` if the folder holds several phases.
        InputError: codes ``place-outside``, ``no-heart``.
    """
    study = read_study(folder)
    if len(study.phases) != 1:
        raise StudyError(
            "not-one-volume", f"the CT must be one phase but the folder holds {len(study.phases)} phases."
        )
    return (unenhanced_host_of if unenhanced else host_of)(study.phases[0].load(), at)


def host_of(volume: Volume, at: npt.ArrayLike | None = None) -> Host:
    """Make ``volume`` a host; see :func:`read_host`."""
    found = match(volume, at)
    heart = measure(volume, found.pose, found.reference.sizes)
    isocentre = found.pose.base - BASE
    return Host(
        hu=_without_own_arteries(volume, heart),
        grid=volume.grid.moved(-isocentre),
        pose=replace(found.pose, base=BASE),
        walls=_moved(heart.walls, -isocentre),
        blood_hu=heart.blood_hu,
        fat_hu=heart.fat_hu,
        digest=_digest(volume),
    )


def unenhanced_host_of(volume: Volume, at: npt.ArrayLike | None = None) -> Host:
    """Make ``volume``, whose blood has no contrast medium, a host; see :func:`read_host`.

    Its own arteries, which hardly show, stay.
    """
    found = match(volume, at, UNENHANCED)
    pose, sizes = replace(found.pose, base=BASE), found.reference.sizes
    return Host(
        hu=volume.hu.astype(np.float32),
        grid=volume.grid.moved(BASE - found.pose.base),
        pose=pose,
        walls=phantom_walls(pose, sizes, BEAT),
        blood_hu=None,
        fat_hu=fat_on(volume, found.pose, sizes),
        digest=_digest(volume),
    )


def _digest(volume: Volume) -> str:
    """Twelve hexadecimal digits of the values of a CT."""
    return sha256(np.ascontiguousarray(volume.hu).data).hexdigest()[:12]


def _moved(walls: Walls, shift: npt.NDArray) -> Walls:
    """Walls of :class:`Field` shapes, shifted by ``shift`` (3,) mm."""
    made: dict[int, Field] = {}
    for shape in (*walls.outside, *walls.body):
        assert isinstance(shape, Field)
        made[id(shape)] = replace(shape, grid=shape.grid.moved(shift))
    outside, body = ([made[id(s)] for s in shapes] for shapes in (walls.outside, walls.body))
    return replace(
        walls,
        outside=tuple(outside),
        aorta=made[id(walls.aorta)],
        body=tuple(body),
        root=walls.root + shift,
        routes=walls.routes.moved(shift) if walls.routes else None,
    )


def _without_own_arteries(volume: Volume, heart: MeasuredHeart) -> npt.NDArray[np.float32]:
    """The CT with the patient's own arteries replaced by fat with the noise of the CT."""
    hu = volume.hu.astype(np.float32)
    noise = hu - gaussian_filter(hu, NOISE_MM / volume.grid.spacing[::-1])
    soft = resample(heart.own.astype(np.float32), heart.grid, volume.grid, outside=0.0)
    share = np.clip(2 * soft, 0, 1)
    own = share > 0
    spread = NOISE_SPREADS * 1.48 * float(np.median(np.abs(noise[hu > LUMEN_HU])))
    hu[own] += share[own] * (heart.fat_hu + np.clip(noise[own], -spread, spread) - hu[own])
    return hu
