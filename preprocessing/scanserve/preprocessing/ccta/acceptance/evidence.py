"""What the rules look at: the header of one phase's first file, and what was measured in its volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.preprocessing.ccta.acceptance.aorta import AorticEnhancement, measure_aorta
from scanserve.preprocessing.ccta.acceptance.history import Mention, find_mentions
from scanserve.preprocessing.ccta.acceptance.metal import Metal, find_metal
from scanserve.preprocessing.ccta.acceptance.scanners import Scanner, find_scanner
from scanserve.preprocessing.ccta.anatomy import CoarseVolume, contrast_ml, lung_ml, wide_contrast
from scanserve.preprocessing.ccta.eligibility import check_header
from scanserve.preprocessing.ct import Phase, Volume
from scanserve.preprocessing.ct.decision.kinds import Kind, nature_of
from scanserve.preprocessing.dicom import Header, quiet_pydicom, read_header, tag
from scanserve.preprocessing.findings import Finding

__all__ = ["Evidence", "Image", "Stated"]

_MODEL = tag("ManufacturerModelName")
_AGENTS = (tag("ContrastBolusAgent"), tag("ContrastBolusAgentSequence"))


@dataclass(frozen=True)
class Stated:
    """What the header of a phase states.

    Attributes:
        kind: what its slices are, by image type and description.
        original: whether they were reconstructed from the scan; None where the image type does not say.
        scanner: the model, where it is known.
        model_stated: whether a model is named at all.
        agent: whether a contrast agent is named.
        mentions: history in its text.
    """

    kind: Kind
    original: bool | None
    scanner: Scanner | None
    model_stated: bool
    agent: bool
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class Image:
    """What the volume of a phase shows.

    Attributes:
        contrast_ml, lung_ml: volumes of wide compartments with contrast, and of lung.
        aorta: its enhancement, or None where no aorta is seen.
        lowest_cm2: area of wide compartments with contrast in the lowest layer: of a heart that is cut.
        metal: what looks like metal.
    """

    contrast_ml: float
    lung_ml: float
    aorta: AorticEnhancement | None
    lowest_cm2: float
    metal: tuple[Metal, ...]


@dataclass(frozen=True)
class Evidence:
    """One phase as the rules see it.

    Attributes:
        phase: the phase.
        stated: by its header.
        image: in its volume; None where that cannot be loaded.
        unfit: the reasons for which it must not be analysed.
    """

    phase: Phase
    stated: Stated
    image: Image | None
    unfit: tuple[Finding, ...]

    @classmethod
    def of(cls, phase: Phase, volume: Volume, unfit: tuple[Finding, ...]) -> Evidence:
        """Of a phase whose volume has been read, and judged by ``check_eligibility``."""
        return cls(phase, _stated(phase), _image(volume), unfit)

    @classmethod
    def unread(cls, phase: Phase, reasons: tuple[Finding, ...]) -> Evidence:
        """Of a phase whose volume cannot be read, for ``reasons``."""
        return cls(phase, _stated(phase), None, (*reasons, *check_header(phase)))

    @property
    def field_mm(self) -> float:
        """The wider side of its slices, mm."""
        first = self.phase.stack.slices[0]
        row_mm, column_mm = first.pixel_spacing
        return max(first.frame.rows * row_mm, first.frame.columns * column_mm)

    @property
    def slice_mm(self) -> float:
        """Thickness or spacing of its slices, whichever is greater, mm."""
        return max(self.phase.stack.step, self.phase.thickness_mm or 0.0)

    @property
    def coverage_mm(self) -> float:
        """Extent of all slices along their normal, mm."""
        return len(self.phase.stack.slices) * self.phase.stack.step

    def reason(self, *codes: str) -> Finding | None:
        """The first of the reasons that has one of ``codes``."""
        return next((finding for finding in self.unfit if finding.code in codes), None)


def _stated(phase: Phase) -> Stated:
    header = _header(phase)
    first = phase.stack.slices[0]
    return Stated(
        kind=nature_of(first).kind,
        original=None if not first.image_type else first.image_type[0] == "ORIGINAL",
        scanner=find_scanner(header.text(_MODEL)),
        model_stated=bool(header.text(_MODEL)),
        agent=bool(header.text(_AGENTS[0]) or header.count(_AGENTS[1])),
        mentions=tuple(find_mentions(header)),
    )


def _header(phase: Phase) -> Header:
    """Of the first file; without elements where it cannot be read any more: the slices say what is needed."""
    try:
        with quiet_pydicom():
            return read_header(phase.files[0])
    except Exception:  # whatever a malformed file makes the parser raise
        return Header()


def _image(volume: Volume) -> Image:
    coarse = CoarseVolume.from_volume(volume)
    lowest = wide_contrast(coarse)[0]
    return Image(
        contrast_ml=round(contrast_ml(coarse), 1),
        lung_ml=round(lung_ml(coarse), 1),
        aorta=measure_aorta(volume, coarse),
        lowest_cm2=round(float(lowest.sum() * np.prod(coarse.size[1:]) / 100), 1),
        metal=tuple(find_metal(volume, coarse)),
    )
