"""Writes a whole multi-phase study: one DICOM series per phase, and ``truth.json`` beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.acquisition import Acquisition
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.dicom import Series, write_series
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.noise import add_noise
from scanserve.phantoms.ccta.ranges import PLAIN, Ranges
from scanserve.phantoms.ccta.render import render
from scanserve.phantoms.ccta.truth import study_truth
from scanserve.phantoms.folder import whole_or_nothing

__all__ = ["SHAPE", "SMALL_SHAPE", "SMALL_SPACING", "SPACING", "phase_percents", "write_study"]

#: The full study of issue size, and a small one with about the same field of view, still fine enough
#: to be analysed.
SHAPE, SPACING = (256, 512, 512), (0.4, 0.4, 0.5)
SMALL_SHAPE, SMALL_SPACING = (128, 208, 208), (0.98, 0.98, 0.98)
#: Phases rendered at the same time; each needs about 0.7 GB at full size.
WORKERS = 2

Progress = Callable[[int, int], None]


def phase_percents(phases: int) -> list[float]:
    """``phases`` equally spaced percentages of R-R from 0, to whole percents.

    Raises:
        InputError: code ``phases-invalid``.
    """
    if not 1 <= phases <= 50:
        raise InputError("phases-invalid", f"phases must be from 1 to 50 but is {phases}.")
    return [float(round(100 * i / phases)) for i in range(phases)]


def write_study(
    out: str | Path,
    anatomy: Anatomy | int = 7,
    phases: int = 10,
    *,
    shape: tuple[int, int, int] | None = None,
    spacing: tuple[float, float, float] | None = None,
    matrix: int | None = None,
    ranges: Ranges = PLAIN,
    host: Host | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a study into the folder ``out`` and return it; the same seed gives the same bytes.

    Args:
        out: a folder that does not exist yet, or is empty; it appears only when the study is whole.
        anatomy: a patient, or the seed of one.
        phases: how many phases, equally spaced from 0 % of R-R.
        shape: ``(z, y, x)`` voxels; without it, the grid of the patient's scan (see ``Acquisition``), which
            in the plain population is SHAPE at SPACING.
        spacing: ``(x, y, z)`` mm of ``shape``.
        matrix: pixels along each side of a slice in place of the scan's own, over the same field of view.
        ranges: the population of the patient and the scan, where ``anatomy`` is a seed.
        host: the real heart that the vessels are laid into, where ``anatomy`` is a seed; it brings its own
            grid and noise, to which the scan's is added.
        progress: called with (phases done, phases in all).

    Raises:
        InputError: codes ``out-not-empty``, ``out-not-writable``, ``disk-full``, ``phases-invalid``,
            ``grid-invalid``.
    """
    target = Path(out)
    percents = phase_percents(phases)
    who = anatomy if isinstance(anatomy, Anatomy) else Anatomy.sample(anatomy, ranges, host)
    scan = Acquisition.sample(who.seed, who.ranges)
    if matrix is not None:
        scan = scan.with_matrix(matrix)
    grid = Grid.centred(shape, spacing or SPACING) if shape else _grid(who, scan)
    with whole_or_nothing(target) as folder:
        _write_phases(folder, who, scan, percents, grid, progress)
        truth = json.dumps(study_truth(who, percents, grid), separators=(",", ":"))
        (folder / "truth.json").write_text(truth, encoding="utf-8")
    return target


def _grid(anatomy: Anatomy, scan: Acquisition) -> Grid:
    if anatomy.host is not None:
        branches = [branch.points for vessel in anatomy.vessels for branch in vessel.branches]
        return anatomy.host.study_grid(np.concatenate(branches))
    return (
        Grid.centred(SHAPE, SPACING)
        if anatomy.ranges is PLAIN and scan.shape == SHAPE
        else scan.grid(anatomy)
    )


def _write_phases(
    folder: Path,
    anatomy: Anatomy,
    scan: Acquisition,
    percents: list[float],
    grid: Grid,
    progress: Progress | None,
) -> None:
    def one(number: int) -> None:
        _write_phase(folder, anatomy, scan, percents[number], number + 1, grid)

    with ThreadPoolExecutor(max_workers=min(WORKERS, len(percents))) as pool:
        try:
            for done, _ in enumerate(pool.map(one, range(len(percents))), start=1):
                if progress:
                    progress(done, len(percents))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _write_phase(
    folder: Path, anatomy: Anatomy, scan: Acquisition, percent: float, number: int, grid: Grid
) -> None:
    rng = np.random.default_rng([anatomy.seed, number, 0xD1C0])
    hu = render(anatomy, percent, grid, scan.psf_mm)
    hu = add_noise(hu, rng, float(rng.uniform(*scan.noise_hu)), scan.grain_voxels)
    name, hosted = anatomy.ranges.name, anatomy.host is not None
    series = Series(anatomy.seed, percent, 100 + number, grid, anatomy.rr_ms, name, hosted)
    write_series(folder / f"phase_{percent:g}", series, hu)
