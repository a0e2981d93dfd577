"""A Segmentation in the geometry of its source: rows and columns are the source's, and its series is named.

Frames without anything in them are left out, so that an object holds what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset

from scanserve.client.dicom.codes import ANATOMY
from scanserve.client.dicom.content import Labels, Segment
from scanserve.client.dicom.identity import MANUFACTURER, Identity, finish
from scanserve.preprocessing.dicom import shortened

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription

__all__ = ["segmentation_object"]

#: Longest value of a LO element, in bytes.
_LO = 64


def segmentation_object(labels: Labels, identity: Identity, number: int) -> Dataset:
    """The segmentation of a label map that holds something; ``number`` tells the series of a run apart."""
    from highdicom.seg import Segmentation, SegmentationTypeValues

    used = [int(value) for value in np.unique(labels.values) if value]
    images, values = _filled(labels)
    renumbered = np.zeros(256, np.uint8)
    renumbered[used] = np.arange(1, len(used) + 1)
    segments = [labels.segments[value - 1] for value in used]
    ds = Segmentation(
        source_images=images,
        pixel_array=renumbered[values],
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _description(index, segment, identity) for index, segment in enumerate(segments, 1)
        ],
        content_label="VESSELS",
        content_description=shortened(f"{labels.description}; not for diagnosis", _LO),
        content_creator_name=f"{MANUFACTURER}^software",
        omit_empty_frames=True,
        **identity.series(f"segmentation {labels.name}", number),
        **identity.equipment,
    )
    return finish(ds, identity, labels.description)


def _filled(labels: Labels) -> tuple[list[Dataset], np.ndarray]:
    """Images and values without the empty frames at both ends; a multi-frame image stays whole."""
    if len(labels.images) != len(labels.values):
        return list(labels.images), labels.values
    filled = np.flatnonzero(labels.values.any(axis=(1, 2)))
    part = slice(filled[0], filled[-1] + 1)
    return list(labels.images[part]), labels.values[part]


def _description(index: int, segment: Segment, identity: Identity) -> SegmentDescription:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
    from pydicom.sr.codedict import codes

    colour = (int(segment.colour[place : place + 2], 16) for place in (1, 3, 5))
    return SegmentDescription(
        segment_number=index,
        segment_label=shortened(segment.label, _LO),
        segmented_property_category=ANATOMY,
        segmented_property_type=segment.kind,
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(
            name=f"scanserve {identity.application}",
            family=codes.cid7162.ArtificialIntelligence,
            version=identity.algorithm.version,
            source=MANUFACTURER,
        ),
        tracking_uid=identity.uid("segment", segment.label),
        tracking_id=segment.label,
        display_color=CIELabColor.from_rgb(*colour),
    )
