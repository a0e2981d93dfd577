"""Writing of a multi-phase study: one DICOM series per phase, and ``truth.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.acquisition import Acquisition
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.noise import add_noise
from scanserve.phantoms.ccta.ranges import PLAIN, Ranges
from scanserve.phantoms.ccta.render import render
from scanserve.phantoms.ccta.truth import study_truth
from scanserve.phantoms.folder import whole_or_nothing

__all__ = [
    "SHAPE",
    "SMALL",
    "SPACING",
    "grid_of",
    "phase_percents",
    "phases_in_words",
    "scanned",
    "write_study",
]

#: Grid of a full study, and of a small study with about the same field of view, still fine enough for an analysis.
SHAPE, SPACING = (256, 512, 512), (0.4, 0.4, 0.5)
SMALL = Grid.centred((128, 208, 208), 0.98)
#: Phases of a study.
MOST = 50
#: Phases rendered in parallel; each needs about 0.7 GB at full size.
WORKERS = 2

Progress = Callable[[int, int], None]


def phase_percents(phases: int | str) -> list[float]:
    """The percents of R-R of the phases of a study.

    Args:
        phases: their number, equally spaced from 0 and to whole percents; or a part of the beat, in whole percents, as
            ``FROM-TO/STEP``.

    Raises:
        InputError: code ``phases-invalid``.

    >>> phase_percents(3)
    [0.0, 33.0, 67.0]
    >>> phase_percents("30-80/25")
    [30.0, 55.0, 80.0]
    """
    number, part = (re.fullmatch(pattern, str(phases)) for pattern in (r"\d+", r"(\d+)-(\d+)/(\d+)"))
    if number and 1 <= int(phases) <= MOST:
        return [float(round(100 * i / int(phases))) for i in range(int(phases))]
    if part:
        first, last, step = map(int, part.groups())
        if step and first <= last < 100 and (last - first) // step < MOST:
            return [float(percent) for percent in range(first, last + 1, step)]
    raise InputError(
        "phases-invalid",
        f"phases must be a number from 1 to {MOST} or a part of the beat such as 30-80/5 but is {phases}.",
    )


def phases_in_words(phases: int | str) -> str:
    """What :func:`phase_percents` makes of them.

    Raises:
        InputError: as there.

    >>> phases_in_words(1), phases_in_words("0-50/25")
    ('1 phase', '3 phases from 0 to 50 % of the beat')
    """
    percents = phase_percents(phases)
    part = "" if str(phases).isdecimal() else f" from {percents[0]:g} to {percents[-1]:g} % of the beat"
    return f"{len(percents)} phase{'s' * (len(percents) > 1)}{part}"


def write_study(
    out: str | Path,
    anatomy: Anatomy | int = 7,
    phases: int | str = 10,
    *,
    grid: Grid | None = None,
    matrix: int | None = None,
    ranges: Ranges = PLAIN,
    host: Host | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a study into the folder ``out`` and return it; the same seed gives the same bytes.

    Args:
        out: a new or empty folder; it appears only when the study is complete.
        anatomy: a patient, or a seed, to which ``ranges`` and ``host`` apply (``Anatomy.sample``).
        phases: as for :func:`phase_percents`.
        grid: the voxel grid; by default that of the patient's scan, or of the host.
        matrix: pixels along each side of a slice instead of the scan's, over the same field of view.
        progress: called with (phases done, phases in total).

    Raises:
        InputError: codes of :func:`phase_percents` and of :func:`~scanserve.phantoms.folder.whole_or_nothing`.
    """
    percents = phase_percents(phases)
    who = anatomy if isinstance(anatomy, Anatomy) else Anatomy.sample(anatomy, ranges, host)
    scan = Acquisition.sample(who.seed, who.ranges)
    return _Study(who, scan.with_matrix(matrix) if matrix else scan, percents, grid).write(
        Path(out), progress
    )


class _Study:
    """One patient, scanned in several phases."""

    def __init__(self, anatomy: Anatomy, scan: Acquisition, percents: list[float], grid: Grid | None) -> None:
        self.anatomy, self.scan, self.percents = anatomy, scan, percents
        self.grid = grid or grid_of(anatomy, scan)

    def write(self, target: Path, progress: Progress | None) -> Path:
        """Write phases and truth into ``target``, or nothing."""
        with whole_or_nothing(target) as folder:
            self._write_phases(folder, progress)
            truth = json.dumps(study_truth(self.anatomy, self.percents, self.grid), separators=(",", ":"))
            (folder / "truth.json").write_text(truth, encoding="utf-8")
        return target

    def _write_phases(self, folder: Path, progress: Progress | None) -> None:
        count = len(self.percents)
        with ThreadPoolExecutor(max_workers=min(WORKERS, count)) as pool:
            try:
                written = pool.map(lambda number: self._write_phase(folder, number), range(count))
                for done, _ in enumerate(written, start=1):
                    if progress:
                        progress(done, count)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _write_phase(self, folder: Path, index: int) -> None:
        from scanserve.phantoms.ccta.dicom import (  # hearts are drawn without pydicom, too
            Series,
            write_series,
        )

        anatomy, scan, percent, number = self.anatomy, self.scan, self.percents[index], index + 1
        hu = scanned(anatomy, scan, percent, self.grid, number)
        name, host = anatomy.ranges.name, "" if anatomy.host is None else anatomy.host.digest
        series = Series(anatomy.seed, percent, 100 + number, self.grid, anatomy.rr_ms, name, host)
        write_series(folder / f"phase_{percent:g}", series, hu)


def scanned(
    anatomy: Anatomy, scan: Acquisition, percent: float, grid: Grid, number: int = 1
) -> npt.NDArray[np.float32]:
    """The image (HU, [z, y, x]) of a phase on ``grid``, with the noise of the phase of that ``number``."""
    rng = np.random.default_rng([anatomy.seed, number, 0xD1C0])
    hu = render(anatomy, percent, grid, scan.psf_mm)
    return add_noise(hu, rng, float(rng.uniform(*scan.noise_hu)), scan.grain_voxels)


def grid_of(anatomy: Anatomy, scan: Acquisition) -> Grid:
    """The grid of a study: from the host and its vessels, or from the scan; SHAPE at SPACING for a plain patient."""
    if anatomy.host is not None:
        branches = [branch.points for vessel in anatomy.vessels for branch in vessel.branches]
        return anatomy.host.study_grid(np.concatenate(branches))
    if anatomy.ranges is PLAIN and scan.shape == SHAPE:
        return Grid.centred(SHAPE, SPACING)
    return scan.grid(anatomy)
