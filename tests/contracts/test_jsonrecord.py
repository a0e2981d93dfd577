from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from scanserve.contracts.jsonrecord import RecordError, read_record


@dataclass(frozen=True)
class Part:
    name: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.weight <= 0:
            raise RecordError(f"must be positive but is {self.weight:g}", "weight")


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]
    middle: tuple[float, float]
    counts: dict[str, int]
    notes: dict[str, Any]
    label: str | None = None


CONTENT = {"parts": [{"name": "a"}], "middle": [1, 2.5], "counts": {"x": 3}, "notes": {"any": [None]}}


def read(**change: object) -> Whole:
    return read_record(Whole, json.dumps(CONTENT | change).encode())


def test_a_record_is_read_with_its_defaults() -> None:
    assert read() == Whole((Part("a"),), (1.0, 2.5), {"x": 3}, {"any": [None]})
    assert isinstance(read().middle[0], float)


def test_what_may_be_absent_may_be_null() -> None:
    assert read(label=None).label is None
    assert read(label="L").label == "L"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parts": "a"}, "parts must be a list but is 'a'"),
        ({"parts": [{"name": "a"}, {}]}, "parts.1.name is missing"),
        ({"parts": [{"name": "a", "colour": 1}]}, "parts.0.colour is not expected"),
        ({"parts": [{"name": "a", "weight": 0}]}, "parts.0.weight must be positive but is 0"),
        ({"parts": [{"name": "a", "weight": True}]}, "parts.0.weight must be a finite number but is True"),
        ({"parts": [{"name": "a", "weight": 10**400}]}, "parts.0.weight must be a finite number but is 1000"),
        ({"parts": [["a"]]}, "parts.0 must be an object but is"),
        ({"middle": [1, 2, 3]}, "middle must have 2 values but has 3"),
        ({"counts": {"x": 1.5}}, "counts.x must be an integer but is 1.5"),
        ({"counts": {"x": False}}, "counts.x must be an integer but is False"),
        ({"label": 3}, "label must be a string but is 3"),
    ],
)
def test_the_first_fault_is_named_with_its_place(change: dict, said: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(**change)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    "content",
    [b"", b'{"parts": ', b"\xff", b"[1]", b'{"middle": [NaN, 1]}', b"[" * 100_000, b"1" * 10_000],
)
def test_what_is_no_record_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(RecordError, match="its content must be") as caught:
        read_record(Whole, content)
    assert caught.value.place == ""


def test_a_number_beyond_every_float_is_refused() -> None:
    with pytest.raises(RecordError, match=r"middle.0 must be a finite number but is inf"):
        read_record(Whole, json.dumps(CONTENT).replace("[1, 2.5]", "[1e999, 2]").encode())
