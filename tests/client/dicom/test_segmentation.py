"""What viewers need of a segmentation: see docs/outputs.md."""

import numpy as np
import pytest

from scanserve.client.dicom.identity import Identity
from scanserve.client.dicom.segmentation import segmentation_object
from tests.support.dicom_content import ARTERY, content, write_study


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return content(write_study(tmp_path_factory.mktemp("study")))


@pytest.fixture(scope="module")
def ds(said):
    return segmentation_object(said.labels[0], Identity.of(said), 10)


def test_rows_and_columns_are_the_sources(ds, said):
    image = said.sources.images[0]
    assert (ds.Rows, ds.Columns) == (image.Rows, image.Columns)


def test_the_series_of_the_source_is_named_with_every_image_that_is_used(ds, said):
    (series,) = ds.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == said.sources.images[0].SeriesInstanceUID
    named = {item.ReferencedSOPInstanceUID for item in series.ReferencedInstanceSequence}
    assert named <= {image.SOPInstanceUID for image in said.sources.images}
    assert len(named) >= ds.NumberOfFrames


def test_frames_lie_where_the_label_map_holds_something(ds, said):
    labels = said.labels[0]
    filled = np.flatnonzero(labels.values.any(axis=(1, 2)))
    heights = sorted(
        float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
        for frame in ds.PerFrameFunctionalGroupsSequence
    )
    assert heights == pytest.approx(filled * 0.5)


def test_pixels_are_the_label_map(ds, said):
    values = said.labels[0].values
    filled = values[values.any(axis=(1, 2))]
    order = np.argsort(
        [
            float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
            for frame in ds.PerFrameFunctionalGroupsSequence
        ]
    )
    assert np.array_equal(ds.pixel_array[order], filled > 0)


def test_segments_are_coded(ds):
    (segment,) = ds.SegmentSequence
    assert segment.SegmentLabel == "RCA main path"
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == ARTERY.value
    assert segment.SegmentAlgorithmType == "AUTOMATIC"
    assert "RecommendedDisplayCIELabValue" in segment
