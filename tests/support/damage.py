"""Damage to DICOM files, as hypothesis draws it: bytes, lengths and values of elements, missing ends."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pydicom
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

#: Takes what a file holds and gives it back damaged.
Damage = Callable[[bytes], bytes]

#: Texts that stand where numbers, dates and UIDs belong.
TEXTS = [
    b"",
    b"nan",
    b"inf",
    b"-1",
    b"0",
    b"1e300",
    b"-1024 HU",
    b"abc",
    b"3,29",
    b"\\\\",
    b"1\\2\\3\\4\\5\\6\\7",
    b"\x1b[2J\x1b[31m",
    b"2000000000",
    b"99999999999999999999",
    b"1_0",
    b"UNKNOWN",
    b"\xff\xfe\x00\x80",
    b"0\\0\\0\\0\\0\\0",
    b"1.2.3..4",
    b"'; DROP",
    b"MGML",
    b"ISO_IR 999",
    b"ISO 2022 IR 87",
    b"RECON TOMO",
]
#: Binary numbers at the ends of their ranges.
NUMBERS = [0, 1, 2, 8, 11, 12, 15, 16, 17, 32, 64, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF]


@dataclass(frozen=True)
class Template:
    """A file that is whole, and where the values of its elements lie: offset and length."""

    content: bytes
    values: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, content: bytes) -> Template:
        dataset = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
        raw = [*dataset.file_meta.values(), *dataset.values()]
        places = ((getattr(e, "value_tell", 0), getattr(e, "length", 0)) for e in raw)
        found = tuple((at, size) for at, size in places if at and 0 < size < len(content) - at)
        return cls(content, found or ((200, 4),))


def damages(template: Template) -> SearchStrategy[Damage]:
    """One to three damages, one after the other."""
    single = st.one_of(_values(template), _lengths(template), _flips(template), _shifts(template), _cuts())
    return st.lists(single, min_size=1, max_size=3).map(_chained)


def _chained(steps: list[Damage]) -> Damage:
    def apply(content: bytes) -> bytes:
        for step in steps:
            content = step(content)
        return content

    return apply


def _values(template: Template) -> SearchStrategy[Damage]:
    """Another value of the same length in the place of one."""

    def damage(place: tuple[int, int], value: bytes) -> Damage:
        at, size = place
        return lambda content: content[:at] + value[:size].ljust(size) + content[at + size :]

    binary = st.sampled_from(NUMBERS).flatmap(
        lambda number: st.sampled_from(["little", "big"]).map(lambda order: number.to_bytes(4, order))
    )
    halves = st.sampled_from(NUMBERS).map(lambda number: (number & 0xFFFF).to_bytes(2, "little"))
    values = st.one_of(st.sampled_from(TEXTS), binary, halves, st.binary(max_size=12))
    return st.builds(damage, st.sampled_from(template.values), values)


def _lengths(template: Template) -> SearchStrategy[Damage]:
    """Another length of an element, in the two or four bytes before its value."""

    def damage(place: tuple[int, int], length: int, width: int) -> Damage:
        at = place[0] - width
        data = (length & ((1 << 8 * width) - 1)).to_bytes(width, "little")
        return lambda content: content[:at] + data + content[at + width :]

    return st.builds(
        damage, st.sampled_from(template.values), st.sampled_from(NUMBERS), st.sampled_from([2, 4])
    )


def _flips(template: Template) -> SearchStrategy[Damage]:
    """Another byte: in the header as often as anywhere."""
    header = max(at + size for at, size in template.values)

    def damage(at: int, byte: int) -> Damage:
        return lambda content: content[:at] + bytes([byte]) + content[at + 1 :]

    places = st.integers(130, header) | st.integers(0, len(template.content) - 1)
    return st.builds(damage, places, st.integers(0, 255))


def _shifts(template: Template) -> SearchStrategy[Damage]:
    """Bytes too many or too few."""

    def damage(at: int, less: int, more: bytes) -> Damage:
        return lambda content: content[:at] + more + content[at + less :]

    places = st.integers(0, len(template.content))
    return st.builds(damage, places, st.integers(0, 8), st.binary(max_size=8))


def _cuts() -> SearchStrategy[Damage]:
    """No end."""
    return st.floats(0, 1).map(lambda share: lambda content: content[: int(share * len(content))])
