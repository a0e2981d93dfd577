"""Samples of annotated studies, as the same arrays as in the banks of phantoms.

Symbols: V vessels, P phases, S sections.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from scanserve.contracts import InputError
from scanserve.contracts.ccta import (
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    QUALITY_CLASSES,
    SECTION_MM,
    SECTIONS,
    STEP_MM,
    STEPS,
    VESSELS,
)
from scanserve.contracts.ct import AIR_HU
from scanserve.geometry import Straightened, resample_path, straighten
from scanserve.networks.ccta.resample import BLOCKS, axis_weights, contract
from scanserve.phantoms.ccta import Grid, heatmap_around
from scanserve.preprocessing import Volume, read_study
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta.annotation import (
    FILE,
    AnnotatedPhase,
    AnnotatedVessel,
    Annotation,
    find_annotations,
    read_annotation,
)
from scanserve.training.ccta.imagefile import read_volume
from scanserve.training.ccta.seeds import Split

__all__ = ["AnnotatedHeart", "graded_mm", "make_annotated_vessels", "open_phase", "phase_bank", "study_bank"]

#: Spacing of the points around which a heat map is drawn, mm.
DRAWN_MM = 0.5


@dataclass(frozen=True)
class AnnotatedHeart:
    """An annotated phase as a training sample: its image and its true heat maps on any grid."""

    volume: Volume
    drawn: AnnotatedPhase

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        """Centre of all annotations, (x, y, z) mm LPS."""
        points = np.concatenate([line for vessel in self.drawn.vessels for line in vessel.lines])
        return (points.min(axis=0) + points.max(axis=0)) / 2

    def hu(self, grid: Grid) -> npt.NDArray[np.float32]:
        """The volume resampled as in the served graphs: float32 HU [z, y, x], air outside the volume."""
        own = self.volume.grid
        start, step = own.to_index(grid.origin), (grid.spacing / own.spacing)[::-1]
        weights = [_weights(start[axis], step[axis], grid.shape[axis], own.shape[axis]) for axis in range(3)]
        cover = weights[0].sum(1)[:, None, None] * weights[1].sum(1)[:, None] * weights[2].sum(1)
        resampled = contract(torch.from_numpy(self.volume.hu), weights, BLOCKS)
        return (resampled + AIR_HU * (1.0 - cover)).numpy()

    def maps(self, grid: Grid, sigma_mm: float) -> npt.NDArray[np.float32]:
        """The heat map of each vessel, [V, z, y, x]; empty for a vessel without annotation."""
        maps = np.zeros((len(VESSELS), *grid.shape), np.float32)
        for number, vessel in enumerate(VESSELS):
            drawn = self.drawn.vessel(vessel.abbreviation)
            if drawn is not None:
                points = np.concatenate([resample_path(line, DRAWN_MM) for line in drawn.lines])
                maps[number] = heatmap_around(points, grid, sigma_mm)
        return maps


@dataclass(frozen=True)
class _OfItem:
    """Makes the sample of an item from its number; picklable."""

    items: tuple[tuple[Any, ...], ...]
    make: Callable[..., Mapping[str, npt.NDArray]]

    def __call__(self, number: int) -> Mapping[str, npt.NDArray]:
        return self.make(*self.items[number])


def phase_bank(
    cache: Path,
    data: Path,
    split: Split,
    make: Callable[[Path, int], Mapping[str, npt.NDArray]],
    *makers: ModuleType,
) -> Bank:
    """One item for every annotated phase of ``data/<split>``: ``make(folder, number of the phase)``.

    ``makers`` are the modules beside its own whose code ``make`` uses.
    """
    folders = find_annotations(data, split.name)
    items = [(folder, number) for folder in folders for number in range(len(read_annotation(folder).phases))]
    return _bank(cache, folders, items, make, *makers)


def study_bank(
    cache: Path, data: Path, split: Split, make: Callable[[Path], Mapping[str, npt.NDArray]]
) -> Bank:
    """One item for every annotated study of ``data/<split>``: ``make(folder)``."""
    folders = find_annotations(data, split.name)
    return _bank(cache, folders, [(folder,) for folder in folders], make)


def _bank(
    cache: Path,
    folders: list[Path],
    items: list[tuple[Any, ...]],
    make: Callable[..., Mapping[str, npt.NDArray]],
    *makers: ModuleType,
) -> Bank:
    """The bank's name knows the annotations and the code; images are taken not to change."""
    drawn = b"".join((folder / FILE).read_bytes() for folder in folders)
    code = fingerprint(sys.modules[__name__], sys.modules[make.__module__], *makers)
    name = f"annotated-{make.__name__}-{hashlib.sha256(drawn).hexdigest()[:12]}-{code}"
    return Bank(cache / name, 0, len(items), _OfItem(tuple(items), make))


def open_phase(folder: Path, number: int) -> AnnotatedHeart:
    """The ``number``-th annotated phase of the study in ``folder``.

    Raises:
        InputError: code ``annotation-invalid`` when the study has no such phase, ``image-invalid``.
        SetupError: code ``extra-missing`` when the study is an image file and SimpleITK is not there.
    """
    annotation = read_annotation(folder)
    drawn = annotation.phases[number]
    return AnnotatedHeart(_volume(folder, annotation, drawn), drawn)


def make_annotated_vessels(folder: Path) -> dict[str, npt.NDArray]:
    """The annotated vessels of one study in its annotated phases, straightened along their main paths.

    Returns:
        ``images`` int16 [V, P, step, row, column] HU, ``length`` float32 [V, P] mm, ``blur`` float32 [V, P] mm and
        ``section_blur`` float32 [V, P, S]: the motion that corresponds to the grades, NaN without a grade.

    Raises:
        InputError: code ``annotation-ungraded`` if no vessel of the study has a grade.
    """
    annotation = read_annotation(folder)
    phases = annotation.phases
    graded = [_graded(drawn) for drawn in phases]
    if not any(graded):
        raise InputError(
            "annotation-ungraded", f"{folder.name}/{FILE} must grade at least one vessel but grades none."
        )
    shape = (len(VESSELS), len(phases))
    images = np.full((*shape, STEPS, CROSS_SIZE, CROSS_SIZE), AIR_HU, np.int16)
    length, blur = np.zeros(shape, np.float32), np.full(shape, np.nan, np.float32)
    sections = np.full((*shape, SECTIONS), np.nan, np.float32)
    for p, vessels in enumerate(graded):
        volume = _volume(folder, annotation, phases[p])
        for v, (vessel, grade) in vessels.items():
            straight = _straightened(volume, vessel)
            images[v, p], length[v, p] = straight.image, straight.length_mm
            blur[v, p] = graded_mm(grade)
            sections[v, p] = _section_mm(vessel, straight.length_mm)
    return {"images": images, "length": length, "blur": blur, "section_blur": sections}


def _graded(drawn: AnnotatedPhase) -> dict[int, tuple[AnnotatedVessel, float]]:
    """The graded vessels of a phase with their grades, by their number in ``VESSELS``."""
    found = enumerate(drawn.vessel(vessel.abbreviation) for vessel in VESSELS)
    return {
        number: (vessel, vessel.grade)
        for number, vessel in found
        if vessel is not None and vessel.grade is not None
    }


def _straightened(volume: Volume, vessel: AnnotatedVessel) -> Straightened:
    return straighten(
        volume,
        vessel.main_path,
        steps=STEPS,
        step_mm=STEP_MM,
        size=CROSS_SIZE,
        pixel_mm=CROSS_PIXEL_MM,
    )


def graded_mm(grade: float) -> float:
    """The motion (mm) that corresponds to a grade of 1 to 4: linear in log(mm) between the class centres."""
    grades = [quality.grade for quality in QUALITY_CLASSES]
    return float(np.exp(np.interp(grade, grades, np.log([quality.blur_mm for quality in QUALITY_CLASSES]))))


def _section_mm(vessel: AnnotatedVessel, length_mm: float) -> npt.NDArray[np.float32]:
    """Motion per section (S,), from its own grade or that of the vessel; NaN beyond the end or if null."""
    result = np.full(SECTIONS, np.nan, np.float32)
    filled = round(length_mm / SECTION_MM)
    grades = [*vessel.section_grades] if vessel.section_grades else [vessel.grade] * SECTIONS
    for section, grade in enumerate(grades[:filled]):
        if grade is not None:
            result[section] = graded_mm(grade)
    return result


def _volume(folder: Path, annotation: Annotation, drawn: AnnotatedPhase) -> Volume:
    """The CT that a phase was drawn in."""
    if annotation.image is not None:
        return read_volume(folder / annotation.image, annotation.image_shift_hu)
    phases = {phase.label: phase for phase in read_study(folder).phases}
    if drawn.phase not in phases:
        raise InputError(
            "annotation-invalid",
            f"{folder.name} must have the annotated phase {drawn.phase!r} but has {', '.join(phases)}.",
        )
    return phases[drawn.phase].load()


def _weights(start: float, step: float, count: int, size: int) -> torch.Tensor:
    samples = torch.arange(size, dtype=torch.float32)
    return axis_weights(torch.tensor(float(start)), torch.tensor(float(step)), count, samples)
