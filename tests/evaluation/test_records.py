import json

import pytest
from pydantic import BaseModel

from scanserve.contracts import InputError
from scanserve.evaluation.records import TruthRecord, read_result_of, validated


class Found(BaseModel):
    kind: str
    schema_version: str
    value: float


CONTENT = {"kind": "scanserve.some.result", "schema_version": "1.0", "value": 1.5}


def read(path, **change):
    path.write_text(json.dumps({**CONTENT, **change}))
    return read_result_of(path, Found, "scanserve.some.result", ("1.0", "1.1"))


def test_a_result_is_read(tmp_path):
    assert read(tmp_path / "result.json").value == 1.5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "scanserve.other.result"}, "not-a-result"),
        ({"schema_version": "2.0"}, "result-version"),
        ({"value": "much"}, "not-a-result"),
    ],
)
def test_what_is_not_that_result_is_refused(tmp_path, change, code):
    with pytest.raises(InputError) as caught:
        read(tmp_path / "result.json", **change)
    assert caught.value.code == code
    assert "result.json" in caught.value.message


class Point(TruthRecord):
    x_mm: float


def test_a_fault_is_named_with_its_place(tmp_path):
    with pytest.raises(InputError, match=r"truth\.json is not a truth: x_mm: ") as caught:
        validated({"x_mm": "far"}, Point, tmp_path / "truth.json", "truth", "not-a-truth")
    assert caught.value.code == "not-a-truth"


def test_a_truth_may_hold_more_than_is_needed_but_no_nan(tmp_path):
    assert validated({"x_mm": 1, "colour": "red"}, Point, tmp_path, "truth", "not-a-truth").x_mm == 1
    with pytest.raises(InputError):
        validated({"x_mm": float("nan")}, Point, tmp_path, "truth", "not-a-truth")
