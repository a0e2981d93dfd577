"""JPEG-LS by CharLS, JPEG Lossless and JPEG Extended (12 bits) by libjpeg-turbo, JPEG 2000 by OpenJPEG, for pydicom.

They leave Python's lock alone, so that several files are decoded at a time, and take a fifth of the processor time of
pydicom's own choice (JPEG 2000: the same); pydicom's own for 12 bits is under the GPL.  pydicom sees to what a header
says about signs and bits, as it does with its own decoders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.pixels import get_decoder
from pydicom.pixels.common import PhotometricInterpretation
from pydicom.pixels.decoders.base import DecodeRunner
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

__all__ = ["PLUGIN", "decode_frame", "is_available", "plugin_of"]

#: The name by which pydicom knows this module.
PLUGIN = "scanserve"
_JPEG_LS = (JPEGLSLossless, JPEGLSNearLossless)
_JPEG = (JPEGLossless, JPEGLosslessSV1, JPEGExtended12Bit)
_JPEG_2000 = (JPEG2000Lossless, JPEG2000)
_SYNTAXES = (*_JPEG_LS, *_JPEG, *_JPEG_2000)
#: Colours that JPEG 2000 has mixed and its decoder has taken apart again.
_MIXED = (PhotometricInterpretation.YBR_ICT, PhotometricInterpretation.YBR_RCT)
#: How a frame ends, and the bytes at its end among which that is, as something may fill it up.
_END_OF_IMAGE, _TAIL = b"\xff\xd9", 16


def plugin_of(transfer_syntax: str) -> str:
    """The plug-in that decodes ``transfer_syntax``; ``""`` leaves the choice to pydicom."""
    return PLUGIN if transfer_syntax in _PLUGGED else ""


def decode_frame(src: bytes, runner: DecodeRunner) -> bytearray:
    """The pixels of one frame, row by row; pydicom calls this.

    Raises:
        Exception: whatever a damaged frame makes the decoder raise.
    """
    if runner.transfer_syntax == JPEGExtended12Bit and runner.samples_per_pixel != 1:
        raise ValueError("colours with 12 bits are not decoded")
    pixels = _decoder_of(runner.transfer_syntax)(src)
    if runner.photometric_interpretation in _MIXED:
        runner.set_option("photometric_interpretation", PhotometricInterpretation.RGB)
    runner.set_option("bits_allocated", 8 * pixels.itemsize)
    return bytearray(np.ascontiguousarray(pixels).data)


def is_available(uid: str) -> bool:
    """Whether ``uid`` can be decoded; pydicom asks."""
    return uid in _SYNTAXES


def _decoder_of(transfer_syntax: str) -> Callable[[bytes], npt.NDArray[Any]]:
    if transfer_syntax in _JPEG_LS:
        return _charls
    return _turbo if transfer_syntax in _JPEG else _openjpeg


def _charls(frame: bytes) -> npt.NDArray[Any]:
    from imagecodecs import jpegls_decode

    return jpegls_decode(frame)


def _openjpeg(frame: bytes) -> npt.NDArray[Any]:
    from imagecodecs import jpeg2k_decode

    return jpeg2k_decode(frame)


def _turbo(frame: bytes) -> npt.NDArray[Any]:
    """As libjpeg-turbo decodes it, which fills up a frame that ends too early, so that its end is looked at first."""
    from imagecodecs import jpeg8_decode

    if _END_OF_IMAGE not in frame[-_TAIL:]:
        raise ValueError("the frame ends too early")
    return jpeg8_decode(frame)


def _plug_in() -> frozenset[str]:
    """Tell pydicom of this module, for each transfer syntax."""
    for syntax in _SYNTAXES:
        decoder = get_decoder(syntax)
        if PLUGIN not in decoder.available_plugins:
            decoder.add_plugin(PLUGIN, (__name__, "decode_frame"))
    return frozenset(_SYNTAXES)


_PLUGGED = _plug_in()
