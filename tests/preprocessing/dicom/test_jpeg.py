"""JPEG without loss is decoded to the bit as pydicom's own decoders do, with loss nearly so; cut frames are refused."""

from __future__ import annotations

import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

from scanserve.preprocessing.dicom.jpeg import PLUGIN, plugin_of
from scanserve.preprocessing.dicom.quiet import quiet_pydicom

SYNTAXES = (JPEGLossless, JPEGLosslessSV1, JPEG2000Lossless, JPEGLSLossless, JPEGLSNearLossless)
#: Bits allocated, bits stored, and whether the values are signed.
FORMS = [(8, 8, False), (16, 8, False), (16, 12, False), (16, 12, True), (16, 16, False), (16, 16, True)]
ROWS, COLUMNS = 40, 72


def _image(allocated, stored, signed):
    rng = np.random.default_rng(stored)
    low, high = (-(1 << stored - 1), 1 << stored - 1) if signed else (0, 1 << stored)
    return rng.integers(low, high, (ROWS, COLUMNS)).astype(f"{'i' if signed else 'u'}{allocated // 8}")


def _dataset(tmp_path, form):
    allocated, stored, signed = form
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = pydicom.uid.CTImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, stored - 1
    dataset.PixelRepresentation = int(signed)
    dataset.add_new("PixelData", "OW", _image(*form).tobytes())
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _compressed(tmp_path, syntax, form):
    dataset = _dataset(tmp_path, form)
    if syntax in (JPEGLSLossless, JPEG2000Lossless):
        dataset.compress(syntax, generate_instance_uid=False)
    elif syntax == JPEG2000:
        dataset.compress(syntax, j2k_cr=[4], generate_instance_uid=False)
    elif syntax == JPEGLSNearLossless:
        dataset.compress(syntax, jls_error=2, generate_instance_uid=False)
    else:
        if shutil.which("dcmcjpeg") is None:
            pytest.skip("dcmcjpeg is not installed")
        dataset.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
        option = {JPEGLosslessSV1: "+e1", JPEGLossless: "+el", JPEGExtended12Bit: "+ee"}[syntax]
        command = ["dcmcjpeg", option, "+un", str(tmp_path / "plain.dcm"), str(tmp_path / "made.dcm")]
        subprocess.run(command, check=True, capture_output=True)
        dataset = pydicom.dcmread(tmp_path / "made.dcm")
    return dataset


def _decoded(dataset, plugin):
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    return decoder.as_array(dataset, raw=True, decoding_plugin=plugin)[0]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_the_pixels_are_those_of_pydicom_s_own_decoder(tmp_path, syntax, form):
    if syntax == JPEGLSNearLossless and form[2]:
        pytest.skip("pydicom does not compress signed values with loss")
    dataset = _compressed(tmp_path, syntax, form)
    peer = "pyjpegls" if syntax in (JPEGLSLossless, JPEGLSNearLossless) else "pylibjpeg"

    ours, theirs = _decoded(dataset, PLUGIN), _decoded(dataset, peer)

    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype
    if syntax != JPEGLSNearLossless:
        np.testing.assert_array_equal(ours, _image(*form))


@pytest.mark.parametrize("signed", [False, True])
def test_jpeg_2000_with_loss_is_as_by_pydicom_s_own_decoder(tmp_path, signed):
    form = (16, 12, signed)
    dataset = _compressed(tmp_path, JPEG2000, form)
    ours, theirs = _decoded(dataset, PLUGIN), _decoded(dataset, "pylibjpeg")
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours.astype(int), theirs.astype(int), atol=1)
    assert 0 < np.abs(ours.astype(int) - _image(*form)).mean() < 0.1 * (1 << 12)


@pytest.mark.parametrize("mixed", ["RGB", "YBR_RCT"])
def test_colours_in_jpeg_2000_are_as_by_pydicom_s_own_decoder(tmp_path, mixed):
    colours = np.random.default_rng(5).integers(0, 256, (ROWS, COLUMNS, 3), np.uint8)
    dataset = _dataset(tmp_path, (8, 8, False))
    dataset.SamplesPerPixel, dataset.PlanarConfiguration, dataset.PhotometricInterpretation = 3, 0, mixed
    dataset.compress(JPEG2000Lossless, colours, generate_instance_uid=False)
    decoder = get_decoder(JPEG2000Lossless)
    (ours, about), (theirs, other) = (
        decoder.as_array(dataset, decoding_plugin=plugin) for plugin in (PLUGIN, "pylibjpeg")
    )
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(ours, colours)
    assert about["photometric_interpretation"] == other["photometric_interpretation"] == "RGB"


@pytest.mark.parametrize("stored", [8, 12])
def test_lossy_pixels_are_nearly_those_of_pydicom_s_own_decoder(tmp_path, stored):
    dataset = _compressed(tmp_path, JPEGExtended12Bit, (16, stored, False))
    ours, theirs = _decoded(dataset, PLUGIN), _decoded(dataset, "pylibjpeg")
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours.astype(int), theirs.astype(int), atol=2)
    assert np.abs(ours.astype(int) - _image(16, stored, False)).mean() < 0.02 * (1 << stored)


def test_lossy_colours_are_left_to_nobody(tmp_path):
    dataset = _compressed(tmp_path, JPEGExtended12Bit, (16, 12, False))
    dataset.SamplesPerPixel, dataset.PlanarConfiguration, dataset.PhotometricInterpretation = 3, 0, "RGB"
    with quiet_pydicom(), pytest.raises(RuntimeError, match="colours with 12 bits"):
        _decoded(dataset, PLUGIN)


@pytest.mark.shared_data
@pytest.mark.parametrize("place", ["dicom_edge_cases", "cases"])
def test_real_files_decode_as_by_pydicom_s_own_decoder(shared_data, place):
    found = 0
    for file in sorted(path for path in (shared_data / place).rglob("*") if path.is_file()):
        with quiet_pydicom():
            dataset = pydicom.dcmread(file, force=True)
        if "file_meta" not in vars(dataset):
            continue
        syntax = dataset.file_meta.get("TransferSyntaxUID", "")
        if plugin_of(syntax) and dataset.get("SamplesPerPixel") == 1:
            peer = get_decoder(syntax).available_plugins[0]
            np.testing.assert_array_equal(_decoded(dataset, PLUGIN), _decoded(dataset, peer))
            found += 1
    if not found:
        pytest.skip("no file of these transfer syntaxes")


@pytest.mark.parametrize("syntax", [*SYNTAXES[:4], JPEGExtended12Bit], ids=lambda syntax: syntax.name)
def test_a_frame_that_ends_too_early_is_no_image(tmp_path, syntax):
    dataset = _compressed(tmp_path, syntax, (16, 12, False))
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    dataset.PixelData = encapsulate([frame[: len(frame) // 2]])
    with pytest.raises(RuntimeError):
        _decoded(dataset, PLUGIN)


def test_python_s_lock_is_left_alone():
    """Another thread runs while a large frame is decoded."""
    import imagecodecs as codecs

    noise = np.random.default_rng(0).integers(0, 4096, (2048, 2048)).astype(np.uint16)
    frames = {
        codecs.jpegls_decode: codecs.jpegls_encode(noise),
        codecs.jpeg8_decode: codecs.jpeg8_encode(noise, lossless=True, bitspersample=12),
        codecs.jpeg2k_decode: codecs.jpeg2k_encode(noise[:512, :512]),
    }
    with ThreadPoolExecutor(1) as pool:
        for decode, frame in frames.items():
            decoded, ticks = pool.submit(decode, frame), 0
            while not decoded.done():
                time.sleep(0.001)
                ticks += 1
            assert ticks > 5


def test_only_what_is_decoded_here_is_not_left_to_pydicom():
    ours = (*SYNTAXES, JPEGExtended12Bit, JPEG2000)
    assert [plugin_of(syntax) for syntax in (*ours, HTJ2KLossless, "1.2")] == [PLUGIN] * 7 + ["", ""]
