"""Real CTs as backgrounds: ``hosts.json`` names each, roughly the middle of its heart, and its source.

    HOSTS/hosts.json  {"hosts": [{"folder": "one", "heart_mm": [x, y, z], "title": "...", "smooth_mm": 0, "weight": 1}]}
    HOSTS/one/        one CT volume as DICOM

``heart_mm`` is in LPS; ``smooth_mm`` is the standard deviation of a Gaussian against the noise of sharp kernels;
``weight`` is how often the CT is drawn, relative to the others.
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy import ndimage

from scanserve.contracts import InputError
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.phantoms.ccta.transplant import host_of
from scanserve.preprocessing import Volume, read_study
from scanserve.training.bank import Bank
from scanserve.training.ccta.worlds.scene import SCENE_MM

__all__ = ["FILE", "Hosts", "host_bank", "read_hosts"]

FILE = "hosts.json"


class HostEntry(BaseModel):
    """One CT of ``hosts.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    folder: str
    heart_mm: tuple[float, float, float]
    title: str
    smooth_mm: Annotated[float, Field(ge=0)] = 0.0
    weight: Annotated[float, Field(gt=0)] = 1.0


class Hosts(BaseModel):
    """The content of ``hosts.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: Annotated[list[HostEntry], Field(min_length=1)]

    @property
    def title(self) -> str:
        """What a card says of them."""
        titles = "; ".join(entry.title for entry in self.hosts)
        return f"synthetic vessels in {len(self.hosts)} CTs ({titles})"


def read_hosts(folder: Path) -> Hosts:
    """The hosts in ``folder``.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    try:
        return Hosts.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.errors()[0]["msg"]
        raise InputError("hosts-invalid", f"{folder.name} must hold a valid {FILE}: {reason}.") from error


def host_bank(cache: Path, folder: Path) -> Bank:
    """The hosts of ``folder``: ``hu`` int16 [z, y, x] at the voxel size of scenes, ``centre`` (z, y, x) of its heart.

    ``weight`` () float64 is how often it is drawn.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    hosts = read_hosts(folder)
    name = hashlib.sha256(hosts.model_dump_json().encode()).hexdigest()[:12]
    return Bank(cache / f"hosts-{name}", 0, len(hosts.hosts), partial(make_host, folder=folder, hosts=hosts))


def make_host(number: int, *, folder: Path, hosts: Hosts) -> dict[str, npt.NDArray]:
    """See :func:`host_bank`; the patient's own arteries are replaced by fat where they can be found."""
    entry = hosts.hosts[number]
    volume = read_study(folder / entry.folder).phases[0].load()
    spacing = volume.grid.spacing[::-1]  # (z, y, x)
    hu = _own_arteries_replaced(volume)
    if entry.smooth_mm:
        hu = ndimage.gaussian_filter(hu, entry.smooth_mm / spacing)
    hu = ndimage.zoom(hu, spacing / SCENE_MM, order=1)
    centre = (np.array(entry.heart_mm) - volume.grid.origin)[::-1] / SCENE_MM
    return {
        "hu": np.clip(np.rint(hu), AIR_HU, MAX_HU).astype(np.int16),
        "centre": centre,
        "weight": np.float64(entry.weight),
    }


def _own_arteries_replaced(volume: Volume) -> npt.NDArray[np.float32]:
    """A CT without contrast in the heart shows no arteries, and none are replaced."""
    try:
        return host_of(volume).hu
    except InputError:
        return volume.hu.astype(np.float32)
