import io
import zlib

import pytest

from scanserve.preprocessing.dicom import FileRejectedError
from scanserve.preprocessing.dicom.streams import (
    HEADER_BYTES,
    HEADER_READS,
    ZERO_READS,
    BoundedStream,
    InflatedStream,
)


def _deflated(content: bytes) -> io.BytesIO:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return io.BytesIO(deflater.compress(content) + deflater.flush())


class Endless:
    """A file without an end that holds ``byte`` alone."""

    def __init__(self, byte):
        self.byte, self.largest, self.reads = byte, 0, 0

    def read(self, size):
        self.largest, self.reads = max(self.largest, size), self.reads + 1
        return self.byte * size

    def seek(self, offset, whence=0):
        return offset

    def tell(self):
        return 0


def test_a_bounded_stream_is_the_stream_until_its_bounds():
    stream = BoundedStream(io.BytesIO(b"abcdef"))
    assert stream.read(2) == b"ab"
    assert stream.seek(1, 1) == 3
    assert (stream.tell(), stream.read()) == (3, b"def")


def test_too_many_bytes_are_no_header_and_are_not_read():
    file = Endless(b"x")
    with pytest.raises(FileRejectedError) as caught:
        BoundedStream(file).read(1 << 40)
    assert caught.value.code == "too-large"
    assert file.largest <= HEADER_BYTES + 1


@pytest.mark.parametrize(("byte", "most"), [(b"x", HEADER_READS), (b"\0", ZERO_READS)])
def test_too_many_reads_are_no_header_and_zeros_less_than_others(byte, most):
    file = Endless(byte)
    stream = BoundedStream(file)

    def read_on():
        while True:
            stream.read(8)

    with pytest.raises(FileRejectedError):
        read_on()
    assert file.reads == most + 1


def test_an_inflated_stream_is_what_was_deflated():
    content = bytes(range(256)) * 1000
    stream = InflatedStream(_deflated(content))
    assert stream.read(300) == content[:300]
    stream.seek(-100, 1)
    assert (stream.tell(), stream.read(50)) == (200, content[200:250])
    stream.seek(200_000)
    assert stream.read(100_000) == content[200_000:]
    assert stream.read(1) == b""


def test_a_bomb_is_not_inflated():
    with pytest.raises(FileRejectedError) as caught:
        InflatedStream(_deflated(bytes(5_000_000)), limit=1_000_000).read(2_000_000)
    assert caught.value.code == "too-large"


def test_a_stream_that_is_cut_ends():
    content = bytes(range(256)) * 100
    whole = _deflated(content).getvalue()
    assert len(InflatedStream(io.BytesIO(whole[:-20])).read(len(content))) < len(content)
