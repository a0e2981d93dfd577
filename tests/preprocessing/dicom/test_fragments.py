import io

import pytest

from scanserve.preprocessing.dicom.fragments import FragmentsError, frames_of, read_fragments, read_frame

END = b"\xfe\xff\xdd\xe0" + bytes(4)
IMAGE_END = b"\xff\xd9"


def item(content: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + len(content).to_bytes(4, "little") + content


def table(*offsets: int) -> bytes:
    return item(b"".join(offset.to_bytes(4, "little") for offset in offsets))


def read(*items: bytes, count: int, end: bytes = END) -> list[bytes]:
    """The frames of pixel data that begins after three other bytes."""
    content = b"abc" + b"".join(items) + end
    file = io.BytesIO(content)
    fragments, offsets = read_fragments(file, 3, len(content))
    return [read_frame(file, frame) for frame in frames_of(file, fragments, offsets, count)]


def test_a_fragment_for_each_frame():
    assert read(table(), item(b"one!"), item(b"two!"), count=2) == [b"one!", b"two!"]


def test_one_frame_in_several_fragments():
    assert read(table(), item(b"one!"), item(b"more"), count=1) == [b"one!more"]


def test_the_table_tells_frames_apart():
    frames = read(table(0, 24), item(b"one!"), item(b"more"), item(b"two!"), count=2)
    assert frames == [b"one!more", b"two!"]


def test_without_a_table_the_ends_of_images_do():
    parts = [item(b"one!"), item(b"more" + IMAGE_END), item(b"two!" + IMAGE_END + b"\0\0")]
    assert read(table(), *parts, count=2) == [b"one!more" + IMAGE_END, b"two!" + IMAGE_END + b"\0\0"]


def test_fragments_that_cannot_be_told_apart_are_no_frames():
    with pytest.raises(ValueError, match="told apart"):
        read(table(), item(b"one!"), item(b"more"), item(b"two!"), count=2)


def test_tables_that_lie_are_no_frames():
    with pytest.raises(ValueError, match="told apart"):
        read(table(0, 4000), item(b"one!"), item(b"more"), item(b"two!"), count=2)


@pytest.mark.parametrize("count", [3, 1_000_000])
def test_more_frames_than_fragments_end_too_early(count):
    with pytest.raises(FragmentsError):
        read(table(), item(b"one!"), item(b"two!"), count=count)


@pytest.mark.parametrize(
    "end", [b"", END[:3], item(b"two!")[:-1], b"\xfe\xff\x00\xe0\xff\xff\xff\xff", bytes(100)]
)
def test_what_is_cut_or_has_no_end_ends_too_early(end):
    with pytest.raises(FragmentsError):
        read(table(), item(b"one!"), count=1, end=end)
