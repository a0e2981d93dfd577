"""``hosts.json``: the CTs of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.contracts.jsonrecord import RecordError, read_record

__all__ = ["FILE", "HostEntry", "Hosts", "read_hosts"]

FILE = "hosts.json"


@dataclass(frozen=True)
class HostEntry:
    """One CT of ``hosts.json``.

    Attributes:
        folder: where its DICOM files are.
        heart_mm: roughly the middle of its heart, (x, y, z) LPS.
        title: what a card cites.
        smooth_mm: standard deviation of a Gaussian against the noise of sharp kernels.
        enhance_hu: where faint contrast begins that is to be made strong; None leaves it.
        weight: how often the CT is drawn beside the others.

    Raises:
        RecordError: for a negative ``smooth_mm`` or a ``weight`` that is not positive.
    """

    folder: str
    heart_mm: tuple[float, float, float]
    title: str
    smooth_mm: float = 0.0
    enhance_hu: float | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.smooth_mm < 0:
            raise RecordError(f"must not be negative but is {self.smooth_mm:g}", "smooth_mm")
        if self.weight <= 0:
            raise RecordError(f"must be positive but is {self.weight:g}", "weight")


@dataclass(frozen=True)
class Hosts:
    """The content of ``hosts.json``, at least one CT.

    Raises:
        RecordError: without any.
    """

    hosts: tuple[HostEntry, ...]

    def __post_init__(self) -> None:
        if not self.hosts:
            raise RecordError("must name a CT but is empty", "hosts")

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
        return read_record(Hosts, (folder / FILE).read_bytes())
    except (OSError, RecordError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError("hosts-invalid", f"{folder.name} must hold a valid {FILE}: {reason}.") from error
