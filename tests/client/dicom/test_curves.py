import numpy as np
import pytest

from scanserve.client.dicom.curves import curves_object
from scanserve.client.dicom.identity import Identity
from tests.client.dicom.test_report import items
from tests.support.dicom_content import LINE, content, write_study


@pytest.fixture(scope="module")
def ds(tmp_path_factory):
    said = content(write_study(tmp_path_factory.mktemp("study")))
    return curves_object(said, Identity.of(said)), said


def test_a_polyline_in_the_frame_of_reference_of_the_source(ds):
    written, said = ds
    (curve,) = [item for item in items(written) if item.ValueType == "SCOORD3D"]
    assert curve.GraphicType == "POLYLINE"
    assert np.allclose(np.array(curve.GraphicData).reshape(-1, 3), LINE)
    assert curve.ReferencedFrameOfReferenceUID == said.sources.patient.FrameOfReferenceUID


def test_its_length_is_measured(ds):
    (length,) = [item for item in items(ds[0]) if item.ValueType == "NUM"]
    assert float(length.MeasuredValueSequence[0].NumericValue) == 4.61
