"""The hearts on which CCTA is measured: those of a population of phantoms, or real CTs with phantom vessels in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.perf.selection import Selection

if TYPE_CHECKING:
    from scanserve.phantoms.ccta import Anatomy, Ranges
    from scanserve.phantoms.ccta.host import Host

__all__ = ["MATRIX", "POPULATION", "Hearts"]

#: The population that no network was trained or tuned on.
POPULATION = "test"
#: Pixels along each side of a slice: 512 would give 1.8 times as many voxels.  A real CT has its own.
MATRIX = 384


@dataclass(frozen=True)
class Hearts:
    """Patients of a population, in turn laid into each CT of ``into``; all patients in one CT are one heart.

    Raises:
        InputError: code ``unknown-ranges``.
    """

    population: str = POPULATION
    into: tuple[Path, ...] = ()
    unenhanced: bool = False

    def __post_init__(self) -> None:
        _ = self.ranges

    @classmethod
    def of(cls, selection: Selection) -> Hearts:
        """The hearts of a selection."""
        return cls(selection.population or POPULATION, selection.into, selection.unenhanced)

    @property
    def ranges(self) -> Ranges:
        """The population."""
        from scanserve.phantoms.ccta.ranges import ranges_named

        return ranges_named(self.population)

    def host(self, seed: int) -> Host | None:
        """The CT into which the vessels of ``seed`` are laid, if any.

        Raises:
            StudyError, InputError: as :func:`~scanserve.phantoms.ccta.transplant.read_host` raises them.
        """
        return _host(self.into[seed % len(self.into)], self.unenhanced) if self.into else None

    def anatomy(self, seed: int) -> Anatomy:
        """The patient of ``seed``."""
        from scanserve.phantoms.ccta import Anatomy

        return Anatomy.sample(seed, self.ranges, self.host(seed))

    @property
    def described(self) -> str:
        """What they are, in words; a CT by the name of its folder."""
        if not self.into:
            return f"the {self.population} population (docs/phantom.md), {MATRIX} x {MATRIX} pixels"
        names = ", ".join(path.resolve().name for path in self.into)
        kind = "unenhanced CT" if self.unenhanced else "CT"
        return f"vessels of the {self.population} population (docs/phantom.md) in the real {kind} {names}"


@lru_cache(maxsize=2)
def _host(folder: Path, unenhanced: bool) -> Host:
    from scanserve.phantoms.ccta.transplant import read_host

    return read_host(folder, unenhanced=unenhanced)
