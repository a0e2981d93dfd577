import numpy as np
import pytest
from pydantic import ValidationError

from scanserve.client.spine.result import READABLE_VERSIONS, SCHEMA_VERSION, Result


def test_the_version_that_is_written_can_be_read(measured):
    assert SCHEMA_VERSION in READABLE_VERSIONS
    assert measured[1].schema_version == SCHEMA_VERSION


def test_arrays_are_in_the_order_of_the_contract(measured):
    _, result = measured
    assert result.points.shape == (68, 2)
    assert result.peaks.shape == result.fixed.shape == (68,)
    np.testing.assert_array_equal(result.points[4:8], result.vertebrae[1].corners)
    assert [vertebra.name for vertebra in result.vertebrae][::16] == ["T1", "L5"]


@pytest.mark.parametrize("change", [{"kind": "scanserve.dat.result"}, {"schema_version": "9.0"}, {"more": 1}])
def test_other_layouts_are_refused(measured, change):
    known = {**measured[1].model_dump(mode="json"), **change}
    with pytest.raises(ValidationError):
        Result.model_validate(known)
