"""Annotated studies: one ``annotation.json`` beside the DICOM files of each study, or naming its image.

    DATA/train/<any name>/annotation.json      and the study's DICOM files, anywhere below the same folder
    DATA/validation/<any name>/annotation.json

``docs/training.md`` has an example.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scanserve.contracts import InputError
from scanserve.contracts.ccta import ANNOTATION_VERSION, QUALITY_CLASSES, SECTIONS, AnnotationVersion

__all__ = [
    "FILE",
    "AnnotatedPhase",
    "AnnotatedVessel",
    "Annotation",
    "as_line",
    "find_annotations",
    "read_annotation",
]

#: The name of the file in the folder of a study.
FILE = "annotation.json"

Point = tuple[float, float, float]
Line = Annotated[list[Point], Field(min_length=2)]
Grade = Annotated[float, Field(ge=QUALITY_CLASSES[0].grade, le=QUALITY_CLASSES[-1].grade)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class AnnotatedVessel(_Strict):
    """One vessel in one phase.

    ``main_path_mm`` runs from the ostium to the distal end, ``side_branches_mm`` from the trunk outward, all
    (x, y, z) mm LPS.  ``grade`` is 1 (non-diagnostic) to 4 (excellent), the mean if there were several readers;
    ``section_grades`` holds the same per section of 8 mm from the ostium, null for an ungraded section.
    """

    vessel: Literal["RCA", "LAD", "LCX"]
    main_path_mm: Line
    side_branches_mm: list[Line] = []
    grade: Grade | None = None
    section_grades: Annotated[list[Grade | None], Field(max_length=SECTIONS)] = []

    @property
    def main_path(self) -> npt.NDArray[np.float64]:
        """The main path (N, 3)."""
        return np.asarray(self.main_path_mm, dtype=np.float64)

    @property
    def lines(self) -> list[npt.NDArray[np.float64]]:
        """The main path and the side branches, each (N, 3)."""
        return [np.asarray(line, dtype=np.float64) for line in (self.main_path_mm, *self.side_branches_mm)]


class AnnotatedPhase(_Strict):
    """The annotations of one phase; ``phase`` is its label as printed by ``scanserve ccta``, e.g. ``75 %``."""

    phase: str
    vessels: Annotated[list[AnnotatedVessel], Field(min_length=1)]

    def vessel(self, abbreviation: str) -> AnnotatedVessel | None:
        """The vessel with that abbreviation, if it is annotated."""
        return next((drawn for drawn in self.vessels if drawn.vessel == abbreviation), None)


class Annotation(_Strict):
    """Everything drawn and graded in one study.

    ``image`` is the file of a single volume (NIfTI, NRRD or MetaImage), relative to the study's folder, in place of
    DICOM files; the study then has one phase, of any label.  ``image_shift_hu`` is added to its values.
    """

    version: AnnotationVersion = ANNOTATION_VERSION
    phases: Annotated[list[AnnotatedPhase], Field(min_length=1)]
    image: str | None = None
    image_shift_hu: int = 0

    @model_validator(mode="after")
    def _an_image_is_one_phase(self) -> Annotation:
        if self.image is not None and len(self.phases) != 1:
            raise ValueError(f"an image is one phase, but {len(self.phases)} are drawn")
        return self


def as_line(points: npt.NDArray[np.float64]) -> list[Point]:
    """Points (N, 3) mm as a line of an annotation, to the micrometre."""
    return [(x, y, z) for x, y, z in np.round(points, 3).tolist()]


def read_annotation(folder: Path) -> Annotation:
    """The annotation of the study in ``folder``.

    Raises:
        InputError: code ``annotation-invalid``, with the location in the file.
    """
    file = folder / FILE
    try:
        return Annotation.model_validate_json(file.read_text(encoding="utf-8"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its beginning"
        raise InputError(
            "annotation-invalid", f"{folder.name}/{FILE} is not valid at {where}: {first['msg']}."
        ) from error


def find_annotations(data: Path, split: str) -> list[Path]:
    """The annotated studies of ``data/split``, by name.

    Raises:
        InputError: code ``annotation-missing`` if there are none.
    """
    found = sorted(file.parent for file in (data / split).glob(f"*/{FILE}"))
    if not found:
        raise InputError(
            "annotation-missing", f"{data.name}/{split} must hold folders with {FILE} but holds none."
        )
    return found
