"""The result of one run, as it is written to ``result.json``.

Points are ``(x, y)`` in pixels of the film as it is stored: whole numbers are the centres of pixels, (0, 0) is the
first one, y leads downward.  ``schema_version`` follows semantic versioning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from pydantic import Field

from scanserve.client.runs.records import Finding, Model, Record, ResultRecord, Server, Skipped, Timing
from scanserve.contracts.spine import RESULT_KIND as KIND
from scanserve.contracts.spine import RESULT_VERSION as SCHEMA_VERSION
from scanserve.contracts.spine import ResultKind, ResultVersion

__all__ = [
    "KIND",
    "READABLE_VERSIONS",
    "SCHEMA_VERSION",
    "Correction",
    "CurveInfo",
    "Place",
    "Result",
    "StudyInfo",
    "Vertebra",
]

#: Versions that :class:`Result` reads.
READABLE_VERSIONS: tuple[str, ...] = get_args(ResultVersion)

#: A place in the film, pixels.
Place = tuple[float, float]


class StudyInfo(Record):
    """The film that was measured."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    series_number: int | None
    kind: Literal["CR", "DX", "SC", "picture"]
    view: str = Field(description="as the header states it; empty where it does not")
    shape: tuple[int, int] = Field(description="rows, columns")
    pixel: tuple[float, float] = Field(description="distance between rows, between columns")
    pixel_from: str = Field(description="where that comes from; in mm for patient, detector and scanner")
    image_right: str = Field(description="which side of the patient the right side of the film is")
    sha256: str = Field(description="of the film as it is shown: corrections belong to this film alone")
    files: int
    skipped: list[Skipped]


class Vertebra(Record):
    """One vertebra: its corners top-left, top-right, bottom-left, bottom-right, as seen in the film."""

    name: str
    corners: tuple[Place, Place, Place, Place]
    peaks: tuple[float, float, float, float] = Field(
        description="of the heat maps, 0 to 1; 1 where it is fixed"
    )
    fixed: tuple[bool, bool, bool, bool] = Field(description="whether a reader has put the corner there")
    doubts: list[str] = Field(description="why it should be looked at; empty where nothing speaks for that")


class CurveInfo(Record):
    """One curve, between the upper edge of one vertebra and the lower edge of another."""

    upper: str
    lower: str
    apex: str
    side: Literal["left", "right"] = Field(description="where it bulges to in the film")
    patient_side: Literal["left", "right"] | None = Field(
        description="of the patient; null where it is not known"
    )
    degrees: float
    upper_edge: tuple[Place, Place] = Field(description="from left to right")
    lower_edge: tuple[Place, Place] = Field(description="from left to right")


class Correction(Record):
    """One change by a reader."""

    action: Literal["moved", "level up", "level down", "undone", "redone", "released"]
    who: str
    when: datetime
    point: int | None = Field(description="number of the corner from 0; null where all of them moved")
    name: str = Field(description="of the corner")
    start: Place | None = Field(description="where it was before")
    end: Place | None = Field(description="where it was put")


class Result(ResultRecord):
    """Everything one run found."""

    kind: ResultKind = KIND
    schema_version: ResultVersion = SCHEMA_VERSION
    scanserve_version: str
    created: datetime
    study: StudyInfo
    network: str
    box: tuple[float, float, float, float] = Field(
        description="what was read: left, top, right, bottom, as bounds of a slice of the film in square pixels"
    )
    vertebrae: list[Vertebra] = Field(min_length=1)
    curves: list[CurveInfo]
    largest_degrees: float = Field(
        description="the greatest angle between any two vertebrae, also below 10 degrees"
    )
    corrections: list[Correction]
    warnings: list[Finding]
    server: Server | None
    models: list[Model]
    timing: Timing

    @property
    def points(self) -> npt.NDArray[np.float64]:
        """All corners (68, 2) ``(x, y)`` in pixels, from T1 to L5."""
        return np.array([corner for vertebra in self.vertebrae for corner in vertebra.corners], np.float64)

    @property
    def peaks(self) -> npt.NDArray[np.float64]:
        """Peaks (68,) of the heat maps."""
        return np.array([peak for vertebra in self.vertebrae for peak in vertebra.peaks], np.float64)

    @property
    def fixed(self) -> npt.NDArray[np.bool_]:
        """Which corners (68,) a reader has put there."""
        return np.array([fixed for vertebra in self.vertebrae for fixed in vertebra.fixed], np.bool_)

    @property
    def doubtful(self) -> list[Vertebra]:
        """The vertebrae that should be looked at."""
        return [vertebra for vertebra in self.vertebrae if vertebra.doubts]
