import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import all_models
from scanserve.contracts.announced import announce, read_announced


@given(st.sampled_from([spec.name for spec in all_models()]), st.integers(1, 999_999))
def test_what_is_announced_is_read(model, items):
    assert read_announced(announce(model, items)) == (model, items)


@pytest.mark.parametrize(
    "value", ["", "model", "/3", "model/", "model/0", "model/-1", "model/x", "model/1234567", "m/\u0663"]
)
def test_anything_else_is_nothing(value):
    assert read_announced(value) is None


@given(st.text(max_size=40))
def test_no_text_is_an_error(value):
    assert read_announced(value) is None or read_announced(value)[1] > 0
