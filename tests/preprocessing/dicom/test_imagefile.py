import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MediaStorageDirectoryStorage, MRImageStorage

from scanserve.preprocessing.dicom import (
    FileRejectedError,
    Header,
    open_image,
    require_class,
    require_pixels,
    tags,
)
from tests.support import ct_factory as factory
from tests.support.elements import raw_elements


def _header(**keywords) -> Header:
    dataset = Dataset()
    for keyword, value in keywords.items():
        setattr(dataset, keyword, value)
    return Header(dataset)


def _rejected(function, *arguments) -> tuple[str, str]:
    with pytest.raises(FileRejectedError) as caught:
        function(*arguments)
    return caught.value.code, caught.value.reason


def _open(folder, name, check=lambda header: None):
    return open_image(str(folder), name, tags.IMAGE_ATTRIBUTES, check)


def test_header_and_place_of_pixels(tmp_path):
    stored = factory.write_series(tmp_path)
    header, pixel_format = _open(tmp_path, "IM0002")
    assert header.text(tags.SOP_INSTANCE_UID) == "1.2.3.4.3"
    assert pixel_format.length == stored[2].nbytes
    content = (tmp_path / "IM0002").read_bytes()
    assert content[pixel_format.offset :][: pixel_format.length] == stored[2].tobytes()
    assert pixel_format.file_size == len(content)


def test_only_what_is_wanted_is_read(tmp_path):
    factory.write_series(tmp_path)
    header, _ = _open(tmp_path, "IM0000")
    assert tags.tag("PatientName") not in header


def test_the_check_rejects(tmp_path):
    factory.write_series(tmp_path)

    def check(header):
        raise FileRejectedError("unwanted", "are not wanted")

    assert _rejected(_open, tmp_path, "IM0000", check) == ("unwanted", "are not wanted")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-dicom"),
        (b"plain text", "not-dicom"),
        (b"\0" * 128 + b"DICM" + b"\xff" * 200, "unreadable"),
    ],
)
def test_files_of_other_kinds(tmp_path, content, code):
    (tmp_path / "file").write_bytes(content)
    assert _rejected(_open, tmp_path, "file")[0] == code


def test_a_file_that_is_not_there_is_unreadable(tmp_path):
    assert _rejected(_open, tmp_path, "nothing") == ("unreadable-file", "could not be read from the disk")


def test_classes_that_are_wanted():
    require_class(_header(SOPClassUID=CTImageStorage), {CTImageStorage}, "CT")
    require_class(_header(MediaStorageSOPClassUID=CTImageStorage), {CTImageStorage}, "CT")
    require_class(_header(Modality="CT"), {CTImageStorage}, "CT")


@pytest.mark.parametrize(
    ("keywords", "code", "reason"),
    [
        ({"SOPClassUID": MRImageStorage, "Modality": "CT"}, "not-ct", "are MR Image, not CT images"),
        ({"SOPClassUID": "1.2.3"}, "not-ct", "are DICOM objects of another kind, not CT images"),
        ({"Modality": "MR"}, "not-ct", "are DICOM objects of another kind, not CT images"),
        ({"SOPClassUID": MediaStorageDirectoryStorage}, "dicomdir", "are directories of a disc (DICOMDIR)"),
        ({}, "unreadable", "could not be parsed as DICOM"),
    ],
)
def test_classes_that_are_not(keywords, code, reason):
    assert _rejected(require_class, _header(**keywords), {CTImageStorage}, "CT") == (code, reason)


def test_a_class_that_no_standard_names_is_not_repeated():
    header = Header(raw_elements(SOPClassUID="1.2\x1b[2J "))
    assert _rejected(require_class, header, {CTImageStorage}, "CT")[1].startswith("are DICOM objects of")


def test_grey_pixels_are_required():
    require_pixels(_header(Rows=4, Columns=5))
    require_pixels(_header(Rows=4, Columns=5, SamplesPerPixel=1))
    assert _rejected(require_pixels, _header(Rows=4, Columns=5, SamplesPerPixel=3))[0] == "colour"
    assert _rejected(require_pixels, _header(Rows=4))[0] == "no-pixels"
    assert _rejected(require_pixels, _header(Rows=4, Columns=0))[0] == "no-pixels"
    assert _rejected(require_pixels, _header(Rows=65535, Columns=5))[0] == "too-large"
