"""What an application says in DICOM objects, free of how it is encoded.

Points are (N, 3) ``(x, y, z)`` mm in the LPS frame of the sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from scanserve.client.dicom.sources import Sources

__all__ = ["Algorithm", "Capture", "Content", "Curve", "Drawing", "Group", "Labels", "Number", "Segment"]


@dataclass(frozen=True)
class Number:
    """A measured number.

    ``places`` (N, 2) are the points of a polyline in the image of the group, on which it was measured: column and row
    in pixels, the centre of the first pixel at (0, 0).
    """

    name: Code
    value: float
    unit: Code
    places: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Group:
    """Measurements and evaluations of one thing (TID 1501).

    Attributes:
        identifier: what it is, in words; unique in the report.
        finding: what is measured.
        sites: where in the body; ``lateralities`` on which side, one for each, if any.
        numbers, evaluations: what was found.
        image: the image that a viewer should open, or None.
    """

    identifier: str
    finding: Code
    sites: Sequence[Code] = ()
    numbers: Sequence[Number] = ()
    evaluations: Sequence[tuple[Code, Code]] = ()
    image: Dataset | None = None
    lateralities: Sequence[Code] = ()


@dataclass(frozen=True, eq=False)
class Curve:
    """A centerline (N, 3), N >= 2, with its name, its artery and its length."""

    identifier: str
    site: Code
    points: npt.NDArray[np.float64]
    length_mm: float


@dataclass(frozen=True)
class Drawing:
    """A line on the first image of the sources, with its name; ``places`` as of :class:`Number`."""

    label: str
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Segment:
    """What one value of a label map stands for; ``colour`` is ``#rrggbb``."""

    label: str
    kind: Code
    colour: str


@dataclass(frozen=True, eq=False)
class Labels:
    """A label map uint8 ``[frame, row, column]`` on some images of one series; value k is ``segments[k - 1]``.

    ``images`` are single-frame datasets, one per frame; or one multi-frame dataset, of which every frame is labelled.
    """

    name: str
    description: str
    images: Sequence[Dataset]
    values: npt.NDArray[np.uint8]
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Capture:
    """A picture as PNG, with its title."""

    name: str
    title: str
    png: bytes


@dataclass(frozen=True)
class Algorithm:
    """What made the result: version, served models and their hashes, and the words on training and use."""

    version: str
    models: Mapping[str, str]
    notice: str


@dataclass(frozen=True, eq=False)
class Content:
    """Everything one run says.

    Attributes:
        application: its name, and ``title`` in words.
        sources: what was analysed.
        procedure: what was done to the patient; ``body_part`` where, as BodyPartExamined names it.
        algorithm: what made the result.
        comments: sentences that a reader of the report must know.
        groups, curves, drawings, labels, captures: see there.
        key: what tells results of the same sources and models apart, such as corrections by a reader.
        persons: names of the readers who took part, in the order in which they did.
        files: further DICOM objects of the run, by name.
    """

    application: str
    title: str
    sources: Sources
    procedure: Code
    body_part: str
    algorithm: Algorithm
    comments: Sequence[str] = ()
    groups: Sequence[Group] = ()
    curves: Sequence[Curve] = ()
    drawings: Sequence[Drawing] = ()
    labels: Sequence[Labels] = ()
    captures: Sequence[Capture] = ()
    files: Mapping[str, Dataset] = field(default_factory=dict)
    persons: Sequence[str] = ()
    key: Sequence[str] = ()
