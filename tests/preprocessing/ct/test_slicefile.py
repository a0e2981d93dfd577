import numpy as np
import pydicom
import pytest

from scanserve.preprocessing.ct.slicefile import read_slices
from scanserve.preprocessing.ct.slices import IDENTITY_AXIAL, Slice
from scanserve.preprocessing.dicom import FileRejectedError
from tests.support import ct_factory as factory


def _read(folder, *, stored: np.ndarray | None = None, **tags) -> Slice:
    """The slice of a file with these tags."""
    image = factory.pixels(1)[0] if stored is None else stored
    position = tags.pop("ImagePositionPatient", [-10.0, -20.0, 30.0])
    factory.save(factory.slice_dataset(image, ImagePositionPatient=position, **tags), folder / "file")
    (found,) = read_slices(str(folder), "file")
    return found


def test_a_slice_is_what_was_written(tmp_path):
    found = _read(tmp_path, ConvolutionKernel="B26f", XRayTubeCurrent=600)
    frame = found.frame
    assert (frame.file, frame.sop_uid, frame.index, frame.count) == ("file", "1.2.3.4.1", 0, 1)
    assert (frame.rows, frame.columns) == (4, 5)
    assert (found.study_uid, found.series_uid) == (factory.STUDY, factory.SERIES)
    assert (found.frame_of_reference, found.series_number) == (factory.FRAME, 3)
    assert (found.position, found.orientation) == ((-10, -20, 30), IDENTITY_AXIAL)
    assert (found.pixel_spacing, found.thickness) == ((0.4, 0.3), 0.5)
    assert (found.slope, found.intercept, found.padding) == (1, -1024, None)
    assert (found.kernel, found.tube_current, found.assumed) == ("B26f", 600, frozenset())


def test_phase_tags(tmp_path):
    tags = _read(
        tmp_path,
        NominalPercentageOfCardiacPhase=75.0,
        ScanOptions="TP75PC700",
        SeriesDescription="75 %",
        ImageComments="700 ms",
        TriggerTime=701.5,
        TemporalPositionIdentifier=2,
        AcquisitionNumber=4,
        ContentTime="120000.5",
        AcquisitionTime="115959.25",
    ).phase_tags
    assert (tags.nominal_percent, tags.scan_options, tags.series_description) == (75, "TP75PC700", "75 %")
    assert (tags.image_comments, tags.trigger_ms) == ("700 ms", 701.5)
    assert (tags.temporal_position, tags.acquisition) == (2, 4)
    assert (tags.temporal_index, tags.content_time, tags.acquisition_time) == (None, 120000.5, 115959.25)


def test_what_a_slice_is_of_its_series(tmp_path):
    found = _read(tmp_path, ImageType=["DERIVED", "SECONDARY", "CT_SOM5 MIP"], RescaleType="HU")
    assert found.image_type == ("DERIVED", "SECONDARY", "CT_SOM5 MIP")
    assert (found.rescale_type, found.instance) == ("HU", 1)


def test_what_a_frame_says_comes_before_what_its_file_says(tmp_path):
    factory.write_enhanced(
        tmp_path / "multi",
        factory.pixels(2),
        [0.0, 0.5],
        each=lambda index: {
            "CTImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]},
            "FrameContentSequence": {"TemporalPositionIndex": index + 1, "FrameComments": f"{index}0 ms"},
        },
    )
    slices = read_slices(str(tmp_path), "multi")
    assert {image.image_type for image in slices} == {("ORIGINAL", "PRIMARY", "VOLUME", "NONE")}
    assert [image.phase_tags.temporal_index for image in slices] == [1, 2]
    assert [image.phase_tags.image_comments for image in slices] == ["00 ms", "10 ms"]


def test_what_is_not_stated(tmp_path):
    found = _read(tmp_path, SliceThickness=None, SeriesNumber=None)
    assert (found.thickness, found.series_number, found.kernel, found.tube_current) == (None, None, "", None)


def test_the_first_of_several_kernels_counts(tmp_path):
    assert _read(tmp_path, ConvolutionKernel=["Br36d", "3"]).kernel == "Br36d"


def test_a_position_with_z_alone_is_centred(tmp_path):
    found = _read(tmp_path, ImagePositionPatient=None, SliceLocation=12.5)
    assert found.position == pytest.approx((-2 * 0.3, -1.5 * 0.4, 12.5))
    assert found.assumed == {"position"}


def test_an_orientation_that_is_not_stated_is_axial(tmp_path):
    found = _read(tmp_path, ImageOrientationPatient=None)
    assert (found.orientation, found.assumed) == (IDENTITY_AXIAL, {"orientation"})


@pytest.mark.parametrize(
    ("signed", "value", "limit", "expected"),
    [
        (1, -2000, None, (-2000, -2000)),
        (1, -2000, -1990, (-2000, -1990)),
        (1, -1990, -2000, (-2000, -1990)),
        (0, 63536, None, (63536, 63536)),
    ],
)
def test_padding_is_a_range_of_stored_values(tmp_path, signed, value, limit, expected):
    found = _read(tmp_path, PixelRepresentation=signed, PixelPaddingValue=value, PixelPaddingRangeLimit=limit)
    assert found.padding == expected


def test_frames_of_a_multi_frame_file(tmp_path):
    factory.write_enhanced(tmp_path / "multi", factory.pixels(3), [0.5, 0.0, 1.0], [30, 40, 50])
    slices = read_slices(str(tmp_path), "multi")
    assert [(image.frame.index, image.frame.count) for image in slices] == [(0, 3), (1, 3), (2, 3)]
    assert [image.position for image in slices] == [(-10, -20, 0.5), (-10, -20, 0), (-10, -20, 1)]
    assert [image.phase_tags.nominal_percent for image in slices] == [30, 40, 50]
    assert {image.pixel_spacing for image in slices} == {(0.4, 0.3)}
    assert {(image.slope, image.intercept) for image in slices} == {(1, -1024)}


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"}, "not-ct"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "ImagePositionPatient": None}, "localizer"),
        ({"ImageType": ["DERIVED", "SECONDARY", "MIP"], "SamplesPerPixel": 3}, "projection"),
        ({"ImageType": ["DERIVED", "SECONDARY", "CT_SOM5 MIP"], "ImagePositionPatient": None}, "projection"),
        ({"SamplesPerPixel": 3}, "colour"),
        ({"Rows": None}, "no-pixels"),
        ({"PixelSpacing": None}, "no-geometry"),
        ({"ImagePositionPatient": None}, "no-geometry"),
        ({"NumberOfFrames": 2}, "no-frame-positions"),
        ({"NumberOfFrames": 2_000_000_000}, "no-frame-positions"),
        ({"BitsStored": 17}, "bits-invalid"),
    ],
)
def test_files_without_a_usable_slice(tmp_path, tags, code):
    with pytest.raises(FileRejectedError) as caught:
        _read(tmp_path, **tags)
    assert caught.value.code == code


@pytest.mark.parametrize("frames", [None, 0, 1])
def test_one_frame_needs_no_description(tmp_path, frames):
    assert _read(tmp_path, NumberOfFrames=frames).frame.count == 1


@pytest.mark.parametrize("frames", [2, 4, 1_000_000])
def test_frames_that_are_not_described_are_no_slices(tmp_path, frames):
    path = factory.write_enhanced(tmp_path / "multi", factory.pixels(3), [0.5, 0.0, 1.0])
    dataset = pydicom.dcmread(path)
    dataset.NumberOfFrames = frames
    dataset.save_as(path)
    with pytest.raises(FileRejectedError) as caught:
        read_slices(str(tmp_path), "multi")
    assert caught.value.code == "no-frame-positions"
