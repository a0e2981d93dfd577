from __future__ import annotations

import pytest

from scanserve.contracts import InputError
from scanserve.training.budget import seconds_of

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("25m", 1500), ("1.5h", 5400), (" 2m ", 120)])
def test_a_duration_has_a_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "25", "m", "-3m", "0s", "1d", "1h30m"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        seconds_of(text)
    assert caught.value.code == "budget-invalid"
