import logging
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import RLELossless

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_study
from tests.support import ct_factory as factory

SHARED = Path(__file__).parents[3] / "../shared/data/dicom_edge_cases"
IMPLICIT, DEFLATED, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"


def _load(path):
    (phase,) = read_study(path).phases
    return phase.load()


def _refused(path) -> StudyError:
    with pytest.raises(StudyError) as caught:
        _load(path)
    assert "SECRET" not in caught.value.message
    return caught.value


def _cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:-size])


def test_rescaled_and_clipped(tmp_path):
    stored = np.array([[[0, 24, 1024, 4095, 30000]] * 4] * 2, np.int16)
    factory.write_series(tmp_path, stored)
    assert _load(tmp_path).hu[0, 0].tolist() == [-1024, -1000, 0, 3071, 3071]


def test_fractional_slope(tmp_path):
    factory.write_series(
        tmp_path, np.array([[[0, 1, 2, 3, 5]] * 4] * 2, np.int16), RescaleSlope=2.5, RescaleIntercept=-10
    )
    assert _load(tmp_path).hu[0, 0].tolist() == [-10, -8, -5, -2, 2]


def test_slope_may_differ_between_slices(tmp_path):
    factory.write_series(
        tmp_path, np.full((2, 4, 5), 100, np.int16), each=lambda index: {"RescaleIntercept": -50 * index}
    )
    assert _load(tmp_path).hu[:, 0, 0].tolist() == [100, 50]


def test_unsigned_pixels(tmp_path):
    stored = np.array([[[0, 1024, 4095, 65535, 1]] * 4] * 2, np.uint16)
    factory.write_series(tmp_path, stored, PixelRepresentation=0)
    assert _load(tmp_path).hu[0, 0].tolist() == [-1024, 0, 3071, 3071, -1023]


@pytest.mark.parametrize(("signed", "padding"), [(1, -2000), (0, 63536)])
def test_padding_is_air(tmp_path, signed, padding):
    dtype = np.int16 if signed else np.uint16
    stored = np.array([[[padding, 1024, 1025, 1026, 1027]] * 4] * 2).astype(dtype)
    factory.write_series(tmp_path, stored, PixelRepresentation=signed, PixelPaddingValue=padding)
    assert _load(tmp_path).hu[0, 0].tolist() == [-1024, 0, 1, 2, 3]


def test_padding_range(tmp_path):
    stored = np.array([[[2000, 2001, 2005, 2006, 1999]] * 4] * 2, np.int16)
    factory.write_series(tmp_path, stored, PixelPaddingValue=2000, PixelPaddingRangeLimit=2005)
    assert _load(tmp_path).hu[0, 0].tolist() == [-1024, -1024, -1024, 982, 975]


def test_bits_above_the_stored_ones_are_ignored(tmp_path):
    stored = np.array([[[0x1400, 0xF400, 0x0C00, 5, 0xFFFF]] * 4] * 2, np.uint16)
    factory.write_series(tmp_path, stored, PixelRepresentation=0, BitsStored=12, HighBit=11)
    assert _load(tmp_path).hu[0, 0].tolist() == [0, 0, 2048, -1019, 3071]


@pytest.mark.parametrize("syntax", [None, RLELossless])
def test_values_in_the_upper_bits_are_shifted(tmp_path, syntax):
    stored = (factory.pixels().astype(np.uint16) << 4).astype(np.uint16)
    factory.write_series(tmp_path, stored, PixelRepresentation=0, BitsStored=12, HighBit=15)
    for file in tmp_path.iterdir() if syntax else ():
        dataset = pydicom.dcmread(file)
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(file)
    np.testing.assert_array_equal(_load(tmp_path).hu, factory.pixels() - 1024)


def test_padding_is_compared_before_unused_bits_are_dropped(tmp_path):
    stored = np.array([[[63536, 1024, 1025, 1026, 2096]] * 4] * 2, np.uint16)
    factory.write_series(
        tmp_path, stored, PixelRepresentation=0, BitsStored=12, HighBit=11, PixelPaddingValue=63536
    )
    assert _load(tmp_path).hu[0, 0].tolist() == [-1024, 0, 1, 2, 1072]


def test_padding_that_could_be_water_is_padding_at_the_corners_alone(tmp_path):
    stored = np.array([[[0, 0, 5, 0, 7], [0, 5, 0, 5, 7], [5, 5, 5, 5, 7], [7, 7, 7, 7, 7]]] * 2, np.int16)
    factory.write_series(tmp_path, stored, RescaleIntercept=0, PixelPaddingValue=0)
    (phase,) = read_study(tmp_path).phases
    assert "padding-doubtful" in [finding.code for finding in phase.findings]
    assert phase.load().hu[0, :2].tolist() == [[-1024, -1024, 5, 0, 7], [-1024, 5, 0, 5, 7]]


def test_wide_values_do_not_turn_round(tmp_path):
    stored = np.array([[[0, 1024, 2**31, 2**32 - 1, 5]] * 4] * 2, np.uint32)
    bits = {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31, "PixelRepresentation": 0}
    factory.write_series(tmp_path, stored, **bits)
    assert _load(tmp_path).hu[0, 0].tolist() == [-1024, 0, 3071, 3071, -1019]


@pytest.mark.parametrize("keywords", [("RescaleSlope", "RescaleIntercept"), ("RescaleIntercept",)])
def test_slices_without_a_rescale_are_refused_and_named(tmp_path, keywords):
    without = dict.fromkeys(keywords)
    factory.write_series(tmp_path, each=lambda index: without if index in (1, 4) else {})
    error = _refused(tmp_path)
    assert error.code == "rescale-missing"
    assert "2 of 6 slices do not state" in error.message
    assert "'IM0001'; 'IM0004'" in error.message


def test_a_series_without_a_rescale_is_refused(tmp_path):
    factory.write_series(tmp_path, RescaleSlope=None, RescaleIntercept=None)
    assert "6 of 6 slices" in _refused(tmp_path).message


@pytest.mark.parametrize("text", [b"-1024 HU", b"abc     ", b"NaN     ", b"1e300   "])
def test_values_that_are_no_numbers_are_refused(tmp_path, text):
    factory.write_series(tmp_path, RescaleIntercept="-1024.00")
    file = tmp_path / "IM0002"
    file.write_bytes(file.read_bytes().replace(b"-1024.00", text))
    error = _refused(tmp_path)
    assert error.code == "rescale-invalid"
    assert f"RescaleIntercept '{text.decode().strip()}'" in error.message
    assert "'IM0002'" in error.message


def test_ways_that_differ_are_said(tmp_path):
    factory.write_series(tmp_path, each=lambda index: {"RescaleIntercept": -1024 + index % 2})
    (phase,) = read_study(tmp_path).phases
    assert [finding.code for finding in phase.findings] == ["rescale-varies"]
    phase.check()


def test_maps_of_other_units_are_skipped(tmp_path):
    stored = factory.write_series(tmp_path / "ct")
    factory.write_series(
        tmp_path / "map", uid="1.2.3.9", SeriesInstanceUID="1.2.3.8", RescaleType="MGML", SeriesNumber=1
    )
    study = read_study(tmp_path)
    assert [(group.code, group.files) for group in study.skipped] == [("not-hu", 6)]
    np.testing.assert_array_equal(study.phases[0].load().hu, stored - 1024)


def test_a_blank_slice_among_others_is_refused(tmp_path):
    stored = factory.pixels()
    stored[3] = 0
    factory.write_series(tmp_path, stored)
    error = _refused(tmp_path)
    assert error.code == "blank-slices"
    assert "'IM0003'" in error.message


def test_a_blank_phase_is_refused(tmp_path):
    factory.write_series(tmp_path, np.zeros((6, 4, 5), np.int16))
    assert _refused(tmp_path).code == "blank-slices"


def test_blank_slices_at_the_ends_are_left(tmp_path):
    stored = factory.pixels()
    stored[[0, -1]] = 0
    factory.write_series(tmp_path, stored)
    assert _load(tmp_path).hu[0].max() == -1024


def test_frames_at_one_place_are_named(tmp_path):
    factory.write_enhanced(tmp_path / "multi", factory.pixels(4), [0.0, 0.5, 1.0, 0.5])
    error = _refused(tmp_path)
    assert error.code == "duplicate-slices"
    assert "'multi', frame 2 and 'multi', frame 4" in error.message


@pytest.mark.parametrize("syntax", [IMPLICIT, DEFLATED, BIG])
def test_native_transfer_syntaxes_agree(tmp_path, syntax):
    stored = factory.write_series(tmp_path / "explicit")
    for file in (tmp_path / "explicit").iterdir():
        factory.recode(file, tmp_path / "other" / file.name, syntax)
    np.testing.assert_array_equal(_load(tmp_path / "other").hu, stored - 1024)


@pytest.mark.parametrize("implicit", [False, True])
def test_files_without_preamble_and_meta_header(tmp_path, implicit):
    stored = factory.pixels(1)
    dataset = factory.slice_dataset(stored[0])
    del dataset.file_meta
    dataset.save_as(tmp_path / "bare", implicit_vr=implicit, little_endian=True)
    np.testing.assert_array_equal(_load(tmp_path).hu, stored - 1024)


def test_run_length_encoding(tmp_path):
    stored = factory.write_series(tmp_path)
    for file in tmp_path.iterdir():
        dataset = pydicom.dcmread(file)
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.save_as(file)
    np.testing.assert_array_equal(_load(tmp_path).hu, stored - 1024)


def test_truncated_file_is_known_before_pixels_are_read(tmp_path):
    factory.write_series(tmp_path, SeriesDescription="70 %")
    _cut(tmp_path / "IM0003", 10)
    (phase,) = read_study(tmp_path).phases
    assert [finding.code for finding in phase.findings] == ["truncated-file"]
    error = _refused(tmp_path)
    assert error.code == "truncated-file"
    assert "'IM0003'" in error.message
    assert "phase 70 %" in error.message
    assert str(tmp_path) not in error.message


def test_file_that_shrinks_after_reading_is_named(tmp_path):
    factory.write_series(tmp_path)
    (phase,) = read_study(tmp_path).phases
    _cut(tmp_path / "IM0003", 10)
    with pytest.raises(StudyError, match=r"'IM0003' \(1\.2\.3\.4\.4\) is truncated") as caught:
        phase.load()
    assert caught.value.code == "truncated-file"


def test_file_that_vanishes_is_named(tmp_path):
    factory.write_series(tmp_path)
    (phase,) = read_study(tmp_path).phases
    (tmp_path / "IM0003").unlink()
    with pytest.raises(StudyError, match="IM0003") as caught:
        phase.load()
    assert caught.value.code == "unreadable-file"


@pytest.mark.parametrize("cut", [10, 30, 60])
def test_truncated_compressed_file(tmp_path, cut):
    factory.write_series(tmp_path)
    file = tmp_path / "IM0003"
    dataset = pydicom.dcmread(file)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(file)
    _cut(file, cut)
    error = _refused(tmp_path)
    assert error.code == "truncated-file"
    assert "IM0003" in error.message


def test_whole_copy_is_preferred_to_a_truncated_one(tmp_path):
    stored = factory.write_series(tmp_path)
    (tmp_path / "copy").write_bytes((tmp_path / "IM0003").read_bytes())
    _cut(tmp_path / "IM0003", 10)
    np.testing.assert_array_equal(_load(tmp_path).hu, stored - 1024)


def test_garbage_in_compressed_pixels(tmp_path):
    factory.write_series(tmp_path)
    file = tmp_path / "IM0003"
    dataset = pydicom.dcmread(file)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.PixelData = dataset.PixelData.replace(dataset.PixelData[80:90], b"\x81" * 10)
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEG2000Lossless
    dataset.save_as(file)
    assert _refused(tmp_path).code == "undecodable-pixels"


def test_enhanced_multiframe(tmp_path):
    stored = factory.pixels(6)
    z = [0.5, 0.0, 1.0, 2.5, 2.0, 1.5]
    factory.write_enhanced(tmp_path / "multi", stored, z)
    volume = _load(tmp_path)
    np.testing.assert_array_equal(volume.hu, stored[np.argsort(z)] - 1024)
    assert volume.grid.spacing.tolist() == pytest.approx([0.3, 0.4, 0.5])
    assert volume.grid.origin.tolist() == [-10, -20, 0]


def test_enhanced_multiframe_of_two_phases(tmp_path):
    stored = factory.pixels(6)
    factory.write_enhanced(tmp_path / "multi", stored, [0, 0.5, 1, 0, 0.5, 1], [40, 40, 40, 70, 70, 70])
    study = read_study(tmp_path)
    assert [phase.label for phase in study.phases] == ["40 %", "70 %"]
    np.testing.assert_array_equal(study.phases[1].load().hu, stored[3:] - 1024)


def test_enhanced_decoded_frames(tmp_path):
    stored = factory.pixels(4)
    path = factory.write_enhanced(tmp_path / "native" / "multi", stored, [0, 0.5, 1, 1.5])
    factory.recode(path, tmp_path / "big" / "multi", BIG)
    np.testing.assert_array_equal(_load(tmp_path / "big").hu, stored - 1024)


@pytest.mark.parametrize("name", ["CT_small.dcm", "693_J2KI.dcm"])
def test_files_of_pydicom(name, caplog):
    """As pydicom decodes them, and without a word on its logger."""
    path = get_testdata_file(name)
    with caplog.at_level(logging.DEBUG):
        volume = _load(path)
    dataset = pydicom.dcmread(path)
    expected = pydicom.pixels.pixel_array(dataset) * float(dataset.RescaleSlope) + float(
        dataset.RescaleIntercept
    )
    padding = dataset.get("PixelPaddingValue")
    if padding is not None:
        expected[pydicom.pixels.pixel_array(dataset) == padding] = -1024
    np.testing.assert_array_equal(volume.hu[0], np.clip(expected, -1024, 3071))
    assert not caplog.records


def test_all_files_of_pydicom_are_accounted_for():
    """A folder of every oddity: it is refused for what it is, and nothing else is raised."""
    folder = Path(get_testdata_file("CT_small.dcm")).parent
    with pytest.raises(StudyError) as caught:
        read_study(folder)
    assert caught.value.code == "mixed-studies"


@pytest.mark.parametrize("name", ["MR_truncated.dcm", "rtplan.dcm", "DICOMDIR", "no_meta.dcm", "badVR.dcm"])
def test_files_of_pydicom_without_ct(name):
    path = get_testdata_file(name)
    with pytest.raises(StudyError) as caught:
        read_study(path)
    assert caught.value.code == "no-ct"


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data is not beside the checkout")
class TestRealData:
    @pytest.mark.parametrize("slice_name", ["CT1", "CT2"])
    def test_lossless_syntaxes_are_identical(self, slice_name):
        volumes = [
            _load(SHARED / "transfer_syntaxes" / f"{slice_name}_{kind}")
            for kind in ("J2KR", "JLSL", "JPLL", "RLE")
        ]
        for volume in volumes[1:]:
            np.testing.assert_array_equal(volume.hu, volumes[0].hu)

    @pytest.mark.parametrize("slice_name", ["CT1", "CT2"])
    @pytest.mark.parametrize(("kind", "error"), [("JLSN", 3), ("J2KI", 30)])
    def test_lossy_syntaxes_are_near(self, slice_name, kind, error):
        folder = SHARED / "transfer_syntaxes"
        exact = _load(folder / f"{slice_name}_J2KR").hu.astype(int)
        near = _load(folder / f"{slice_name}_{kind}").hu.astype(int)
        assert np.abs(near - exact).mean() < error

    def test_siemens_jpeg2000(self):
        volume = _load(SHARED / "siemens_contrast_ct_j2k")
        reference = pydicom.dcmread(
            SHARED / "siemens_contrast_ct_j2k" / "CT.1.3.12.2.1107.5.1.4.60064.30000022120808113428000016573"
        )
        at = round(volume.grid.to_index((0, 0, -766.5))[0])
        np.testing.assert_array_equal(volume.hu[at], pydicom.pixels.pixel_array(reference).astype(int) - 1024)

    def test_enhanced_ct_of_two_frames_is_turned_to_lps(self):
        volume = _load(SHARED / "eCT_Supplemental.dcm")
        reference = pydicom.dcmread(SHARED / "eCT_Supplemental.dcm")
        frames = reference.PerFrameFunctionalGroupsSequence
        z = [float(frame.PlanePositionSequence[0].ImagePositionPatient[2]) for frame in frames]
        at = [round(volume.grid.to_index((0, 0, height))[0]) for height in z]
        assert sorted(at) == [0, 1]
        for index, frame in zip(at, frames, strict=True):
            transformation = frame.get("PixelValueTransformationSequence") or (
                reference.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence
            )
            slope, intercept = transformation[0].RescaleSlope, transformation[0].RescaleIntercept
            stored = pydicom.pixels.pixel_array(reference, index=list(frames).index(frame))[:, ::-1]
            expected = np.clip(np.rint(stored * float(slope) + float(intercept)), -1024, 3071)
            np.testing.assert_array_equal(volume.hu[index], expected)
