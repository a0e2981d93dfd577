import numpy as np
import pytest
from pydicom.encaps import get_frame
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from scanserve.preprocessing.dicom.codestream import stated_size
from tests.support import ct_factory as factory


def _compressed(syntax) -> bytes:
    """A frame of 40 rows and 50 columns."""
    dataset = factory.slice_dataset(np.arange(2000, dtype=np.int16).reshape(40, 50), PixelRepresentation=0)
    dataset.compress(syntax, generate_instance_uid=False)
    return get_frame(dataset.PixelData, 0, number_of_frames=1)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_size_of_a_frame(syntax):
    assert stated_size(_compressed(syntax)) == (40, 50, 1)


def test_segments_before_the_frame_are_passed():
    comment = b"\xff\xfe\x00\x06note"
    alone = b"\xff\x01"
    frame = b"\xff\xc3\x00\x0b\x0c\x00\x28\x00\x32\x01\x01\x11\x00"
    assert stated_size(b"\xff\xd8" + comment + alone + b"\xff\xff" + frame[1:]) == (40, 50, 1)


def test_a_codestream_in_boxes():
    boxes = b"\0\0\0\x0cjP  \x0d\x0a\x87\x0a" + b"\0\0\0\x14ftypjp2 " + bytes(8)
    assert stated_size(boxes + _compressed(JPEG2000Lossless)) == (40, 50, 1)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xda\x00\x08" + bytes(20),
        b"\xff\xd8" + b"\xff\xfe\x00\x02" * 5000,
        b"\xff\x4f\xff\x51\x00",
        bytes(100),
    ],
)
def test_what_states_no_size(frame):
    assert stated_size(frame) is None
