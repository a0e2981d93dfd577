"""The result of one run, as it is written to ``result.json``.

Images are slices ``[slice, row, column]``, each divided by the greatest count of its source slice.  ``schema_version``
follows semantic versioning.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import get_args

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from scanserve.client.runs.records import Finding, Model, Record, ResultRecord, Server, Skipped, Timing
from scanserve.contracts.dat import RESULT_KIND as KIND
from scanserve.contracts.dat import RESULT_VERSION as SCHEMA_VERSION
from scanserve.contracts.dat import ResultKind, ResultVersion

__all__ = [
    "KIND",
    "READABLE_VERSIONS",
    "SCHEMA_VERSION",
    "Binding",
    "Image",
    "Restoration",
    "Result",
    "Selected",
    "StudyInfo",
]

#: Versions that :class:`Result` reads.
READABLE_VERSIONS: tuple[str, ...] = get_args(ResultVersion)


class Image(Record):
    """Slices; ``float32`` is base64 of little-endian values in C order."""

    shape: tuple[int, int, int]
    float32: str

    @classmethod
    def from_array(cls, values: npt.NDArray) -> Image:
        """From an array ``[slice, row, column]``."""
        data = np.ascontiguousarray(values, "<f4").tobytes()
        slices, rows, columns = values.shape
        return cls(shape=(slices, rows, columns), float32=base64.b64encode(data).decode("ascii"))

    def to_array(self) -> npt.NDArray[np.float32]:
        """The array ``[slice, row, column]``."""
        return np.frombuffer(base64.b64decode(self.float32), "<f4").reshape(self.shape).astype(np.float32)

    @model_validator(mode="after")
    def _whole(self) -> Image:
        try:
            size = len(base64.b64decode(self.float32, validate=True))
        except binascii.Error as error:
            raise ValueError("float32 must be base64") from error
        if size != 4 * int(np.prod(self.shape)):
            raise ValueError("float32 must hold four bytes for every pixel of shape")
        return self


class StudyInfo(Record):
    """The acquisition that was restored."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    series_number: int | None
    shape: tuple[int, int, int] = Field(description="frames, rows, columns")
    pixel_mm: tuple[float, float] = Field(description="between rows, between columns")
    slice_mm: float | None
    orientation: tuple[float, float, float, float, float, float] | None = Field(
        description="direction cosines of a row, then of a column (LPS); null where the source does not say them"
    )
    minutes: float | None = Field(description="how long counts were gathered")
    files: int
    skipped: list[Skipped]


class Binding(Record):
    """Mean counts of a disc around each striatum over those of the back of the head, minus 1."""

    right: float
    left: float


class Selected(Record):
    """What was taken of the acquisition, and how it leads back."""

    frames: list[int] = Field(description="numbers in the source, from 1")
    row: int = Field(description="first row of the crop, from 0")
    column: int = Field(description="first column of the crop, from 0")
    scales: list[float] = Field(description="what each slice was divided by: its greatest count")


class Restoration(Record):
    """What one method made of the slices."""

    method: str
    title: str
    image: Image
    counts_change: float = Field(description="change of all counts in the head: 0.02 is 2 % more")
    warnings: list[Finding]
    binding: Binding | None = Field(
        default=None,
        description="striatal binding ratios in the restored slices; null where they were not measured (since 1.2)",
    )
    file: str = Field(description="the DICOM NM object in the output folder")
    series_instance_uid: str
    sop_instance_uid: str


class Result(ResultRecord):
    """Everything one run found."""

    kind: ResultKind = KIND
    schema_version: ResultVersion = SCHEMA_VERSION
    scanserve_version: str
    created: datetime
    study: StudyInfo
    selected: Selected
    input: Image
    binding: Binding | None = Field(
        default=None, description="striatal binding ratios in the slices as acquired (since 1.2)"
    )
    restorations: list[Restoration] = Field(min_length=1)
    warnings: list[Finding]
    server: Server | None = Field(description="null where no method needed one")
    models: list[Model]
    timing: Timing

    def restoration(self, method: str) -> Restoration:
        """What ``method`` made; raises ``KeyError``."""
        return {restoration.method: restoration for restoration in self.restorations}[method]

    @property
    def all_warnings(self) -> list[Finding]:
        """The warnings of the study, then those of every restoration."""
        return [*self.warnings, *(found for made in self.restorations for found in made.warnings)]
