from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.training.precision import Precision, measured  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("fp32_s", "bf16_s", "dtype"), [(2.0, 1.0, "bfloat16"), (1.0, 2.0, "float32")])
def test_the_faster_arithmetic_is_used(fp32_s: float, bf16_s: float, dtype: str) -> None:
    with Precision("cpu", fp32_s, bf16_s).context():
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == getattr(torch, dtype)


def test_both_are_measured_once_a_process() -> None:
    first = measured("cpu")
    assert first.fp32_s > 0
    assert first.bf16_s > 0
    assert measured("cpu") is first


def test_it_says_what_was_measured() -> None:
    assert str(Precision("cpu", 0.001, 0.02)) == (
        "FP32 on cpu: a convolution takes 1.0 ms in FP32 and 20.0 ms in bfloat16"
    )


def test_a_validation_may_be_the_first_to_ask() -> None:
    with torch.no_grad():
        assert measured.__wrapped__("cpu").fp32_s > 0
