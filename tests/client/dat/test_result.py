import json

import numpy as np
import pytest
from pydantic import ValidationError

from scanserve.client.dat.result import Image, Result
from scanserve.client.runs.records import Finding


def test_an_image_comes_back_as_it_was():
    values = np.random.default_rng(0).random((5, 64, 64)).astype(np.float32)
    again = Image.model_validate_json(Image.from_array(values).model_dump_json())
    assert np.array_equal(again.to_array(), values)


@pytest.mark.parametrize("text", ["AAAA", "no base64!"])
def test_an_image_that_is_not_whole_is_refused(text):
    with pytest.raises(ValidationError):
        Image(shape=(1, 1, 2), float32=text)


def test_a_result_comes_back_as_it_was(restored):
    _, result = restored
    assert Result.model_validate_json(result.to_json()) == result
    assert result.restoration("gaussian").title == "Gaussian filter"
    with pytest.raises(KeyError):
        result.restoration("unet")


def test_a_result_of_the_first_version_is_read(restored):
    _, result = restored
    old = json.loads(result.to_json())
    old["schema_version"] = "1.0"
    for name in ("findings", "deidentification", "binding"):
        del old[name]
    for made in old["restorations"]:
        del made["binding"]
    for span in old["timing"]["spans"]:
        span["phase"] = span.pop("part") or None
    assert Result.model_validate(old).timing == result.timing


def test_all_warnings_are_those_of_the_study_and_of_every_restoration(restored):
    _, result = restored
    odd, moved = Finding("odd", "odd."), Finding("moved", "moved.")
    first, second = result.restorations
    warned = first.model_copy(update={"warnings": [moved]})
    changed = result.model_copy(update={"warnings": [odd], "restorations": [warned, second]})
    assert changed.all_warnings == [odd, moved]
