import struct
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rle.rle import encode_frame

from scanserve.preprocessing.dicom.runlength import decode_runs
from tests.support import ct_factory as factory


def _encoded(stored: np.ndarray) -> bytes:
    rows, columns = stored.shape
    return bytes(encode_frame(stored.tobytes(), rows, columns, 1, 8 * stored.itemsize, "<"))


def _frame(*segments: bytes) -> bytes:
    starts = np.cumsum([64, *map(len, segments)])[:-1]
    head = struct.pack("<16L", len(segments), *starts, *[0] * (15 - len(segments)))
    return head + b"".join(segments)


@pytest.mark.parametrize("dtype", ["<u1", "<i2", "<u2", "<i4", "<u4"])
def test_every_width_and_sign(dtype):
    info = np.iinfo(dtype)
    stored = np.random.default_rng(0).integers(info.min, info.max, (7, 9), endpoint=True).astype(dtype)
    stored[2] = stored[2, 0]  # a run
    assert np.array_equal(decode_runs(_encoded(stored), 63, dtype).reshape(7, 9), stored)


def test_a_byte_that_makes_a_segment_even_is_no_run():
    assert decode_runs(_frame(b"\x02abc\0"), 3, "<u1").tobytes() == b"abc"


def test_what_follows_the_pixels_is_left_out():
    assert decode_runs(_frame(b"\x02abc\x01de"), 3, "<u1").tobytes() == b"abc"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        bytes(64),
        _frame(b"\x02abc")[:66],
        _frame(b"\x00a"),
        _frame(b"\x80\x80"),
        _frame(b"\x02abc", b"\x02abc"),
        struct.pack("<16L", 1, 4000, *[0] * 14) + b"\x02abc",
        struct.pack("<16L", 1, 10, *[0] * 14) + b"\x02abc",
    ],
)
def test_damaged_frames_are_refused(frame):
    with pytest.raises(ValueError, match=r"segment|head"):
        decode_runs(frame, 3, "<u1")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_damage_raises_anything_else(data):
    frame = bytearray(_encoded(factory.pixels(1)[0]))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(frame)))
    try:
        decoded = decode_runs(bytes(frame[: cut or None]), 20, "<i2")
    except ValueError:
        return
    assert decoded.shape == (20,)


def test_nothing_is_written_past_python():
    """The panic of the decoder of whole frames writes to the terminal by itself."""
    script = (
        "from scanserve.preprocessing.dicom.runlength import decode_runs\n"
        "import struct\n"
        "for segment in (bytes([129, 0] * 50), bytes([127]) + bytes(127), b'\\x80', b'\\x00'):\n"
        "    try:\n"
        "        decode_runs(struct.pack('<16L', 1, 64, *[0] * 14) + segment, 16, '<u1')\n"
        "    except ValueError:\n"
        "        pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
