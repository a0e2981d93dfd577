import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Frame, matrix, open_image, read_stored, sop_uid, tags
from tests.support import ct_factory as factory


def _frames(folder: Path, name: str, count: int = 1) -> list[Frame]:
    header, pixel_format = open_image(str(folder), name, tags.IMAGE_ATTRIBUTES, lambda header: None)
    rows, columns = matrix(header)
    return [Frame(name, sop_uid(header), index, count, rows, columns, pixel_format) for index in range(count)]


def _read(folder: Path, name: str = "file") -> np.ndarray:
    (stored,) = read_stored(folder, _frames(folder, name))
    return stored


def _refused(folder: Path, frames: list[Frame]) -> StudyError:
    with pytest.raises(StudyError) as caught:
        read_stored(folder, frames)
    assert "'file' (1.2.3.4.1" in caught.value.message
    assert str(folder) not in caught.value.message
    return caught.value


@pytest.fixture
def image(tmp_path):
    """The pixels of a file called ``file``."""
    stored = factory.pixels(1)[0]
    factory.save(factory.slice_dataset(stored), tmp_path / "file")
    return stored


def _compress(file: Path) -> pydicom.FileDataset:
    dataset = pydicom.dcmread(file)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(file)
    return dataset


def test_native_pixels_are_read_from_their_place(tmp_path, image):
    np.testing.assert_array_equal(_read(tmp_path), image)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32])
def test_every_width_and_sign(tmp_path, dtype):
    stored = np.array([[np.iinfo(dtype).min, 1], [2, np.iinfo(dtype).max]], dtype)
    bits = 8 * stored.itemsize
    signed = int(stored.dtype.kind == "i")
    dataset = factory.slice_dataset(
        stored, BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1, PixelRepresentation=signed
    )
    factory.save(dataset, tmp_path / "file")
    read = _read(tmp_path)
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, stored)


@pytest.mark.parametrize(
    ("signed", "expected"), [(0, [0x400, 0x400, 0xC00, 5, 0xFFF]), (1, [0x400, 0x400, -0x400, 5, -1])]
)
def test_bits_above_the_stored_ones_are_dropped_and_the_sign_is_kept(tmp_path, signed, expected):
    stored = np.array([[0x1400, 0xF400, 0x0C00, 5, 0xFFFF]], np.uint16)
    dataset = factory.slice_dataset(stored, BitsStored=12, HighBit=11, PixelRepresentation=signed)
    factory.save(dataset, tmp_path / "file")
    assert _read(tmp_path)[0].tolist() == expected


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_other_uncompressed_syntaxes(tmp_path, image, syntax):
    factory.recode(tmp_path / "file", tmp_path / "other", syntax)
    np.testing.assert_array_equal(_read(tmp_path, "other"), image)


def test_deflated_frames(tmp_path):
    stored = factory.pixels(3)
    factory.save(factory.slice_dataset(stored.reshape(-1, 5), NumberOfFrames=3, Rows=4), tmp_path / "native")
    factory.recode(tmp_path / "native", tmp_path / "file", DeflatedExplicitVRLittleEndian)
    read = read_stored(tmp_path, [_frames(tmp_path, "file", 3)[index] for index in (2, 0)])
    np.testing.assert_array_equal(read, stored[[2, 0]])


def test_deflated_pixels_that_end_too_early(tmp_path, image):
    factory.recode(tmp_path / "file", tmp_path / "other", DeflatedExplicitVRLittleEndian)
    frames = _frames(tmp_path, "other")
    (tmp_path / "other").write_bytes((tmp_path / "other").read_bytes()[:-20])
    with pytest.raises(StudyError) as caught:
        read_stored(tmp_path, frames)
    assert caught.value.code == "truncated-file"


def test_bytes_in_words_of_big_endian(tmp_path):
    stored = np.arange(20, dtype=np.uint8).reshape(4, 5)
    words = stored.reshape(-1, 2)[:, ::-1].reshape(4, 5)
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0}
    dataset = factory.slice_dataset(words, **bits)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    factory.save(dataset, tmp_path / "file")
    np.testing.assert_array_equal(_read(tmp_path), stored)


@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("compressed", [False, True])
def test_values_in_the_upper_bits_are_shifted(tmp_path, signed, compressed):
    values = np.array([[0, 1, 2047, -2048 if signed else 4095, 5]], np.int16)
    words = (values.astype(np.int32) << 4).astype(np.uint16)
    dataset = factory.slice_dataset(words, BitsStored=12, HighBit=15, PixelRepresentation=signed)
    if compressed:
        dataset.compress(RLELossless, generate_instance_uid=False)
    factory.save(dataset, tmp_path / "file")
    assert _read(tmp_path)[0].tolist() == values[0].tolist()


def test_values_that_lie_elsewhere_than_stated_are_refused(tmp_path):
    words = np.array([[1, 16, 32]], np.uint16)
    dataset = factory.slice_dataset(words, BitsStored=12, HighBit=15, PixelRepresentation=0)
    factory.save(dataset, tmp_path / "file")
    error = _refused(tmp_path, _frames(tmp_path, "file"))
    assert error.code == "bits-invalid"
    assert "lowest 4 bits" in error.message


def test_run_length_encoding(tmp_path, image):
    _compress(tmp_path / "file")
    np.testing.assert_array_equal(_read(tmp_path), image)


@pytest.mark.parametrize("wanted", [[0, 1, 2], [2, 0]])
def test_frames_of_one_file(tmp_path, wanted):
    stored = factory.pixels(3)
    factory.save(factory.slice_dataset(stored.reshape(-1, 5), NumberOfFrames=3, Rows=4), tmp_path / "file")
    frames = _frames(tmp_path, "file", 3)
    read = read_stored(tmp_path, [frames[index] for index in wanted])
    np.testing.assert_array_equal(read, stored[wanted])


def test_a_truncated_file_is_named(tmp_path, image):
    frames = _frames(tmp_path, "file")
    (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:-10])
    assert _refused(tmp_path, frames).code == "truncated-file"


def test_a_frame_beyond_the_pixel_data_is_truncated(tmp_path, image):
    (frame,) = _frames(tmp_path, "file")
    beyond = Frame("file", frame.sop_uid, 1, 2, frame.rows, frame.columns, frame.pixel_format)
    error = _refused(tmp_path, [beyond])
    assert error.code == "truncated-file"
    assert "frame 2" in error.message


def test_cut_fragments_are_truncated(tmp_path, image):
    _compress(tmp_path / "file")
    frames = _frames(tmp_path, "file")
    (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:-30])
    assert _refused(tmp_path, frames).code == "truncated-file"


def test_a_file_that_is_gone_is_unreadable(tmp_path, image):
    frames = _frames(tmp_path, "file")
    (tmp_path / "file").unlink()
    assert _refused(tmp_path, frames).code == "unreadable-file"


def test_garbage_cannot_be_decoded(tmp_path, image):
    dataset = _compress(tmp_path / "file")
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.save_as(tmp_path / "file")
    error = _refused(tmp_path, _frames(tmp_path, "file"))
    assert error.code == "undecodable-pixels"
    assert JPEG2000Lossless in error.message


def _large() -> Dataset:
    """An unsigned slice of 40 x 50 pixels: smaller ones cannot be compressed by every encoder."""
    return factory.slice_dataset(factory.pixels(1, 40, 50)[0], PixelRepresentation=0)


def _encapsulated(tmp_path: Path, syntax: str, frame: bytes) -> list[Frame]:
    """A file of 40 x 50 pixels that holds ``frame``."""
    dataset = _large()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    factory.save(dataset, tmp_path / "file")
    return _frames(tmp_path, "file")


def test_an_error_of_native_code_is_one_of_the_file(tmp_path, monkeypatch):
    class PanicError(BaseException):
        """As extensions written in Rust raise it."""

    def panic(*_):
        raise PanicError("index out of range")

    frames = _encapsulated(tmp_path, RLELossless, bytes(64))
    monkeypatch.setattr("scanserve.preprocessing.dicom.stored.decode_runs", panic)
    assert _refused(tmp_path, frames).code == "undecodable-pixels"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_what_is_not_of_the_file_is_not_said_of_it(tmp_path, monkeypatch, error):
    def stop(*_):
        raise error

    frames = _encapsulated(tmp_path, RLELossless, bytes(64))
    monkeypatch.setattr("scanserve.preprocessing.dicom.stored.decode_runs", stop)
    with pytest.raises(error):
        read_stored(tmp_path, frames)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
def test_a_frame_that_states_another_size_is_not_decoded(tmp_path, syntax):
    dataset = _large()
    dataset.compress(syntax, generate_instance_uid=False)
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    assert len(read_stored(tmp_path, _encapsulated(tmp_path, syntax, frame))) == 1
    at = frame.index(b"\xff\xf7") + 5 if syntax == JPEGLSLossless else frame.index(b"\xff\x51") + 8
    huge = b"\xff\xff"
    bomb = frame[:at] + huge + frame[at + 2 :]
    start = time.monotonic()
    assert _refused(tmp_path, _encapsulated(tmp_path, syntax, bomb)).code == "undecodable-pixels"
    assert time.monotonic() - start < 5
