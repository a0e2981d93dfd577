from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.training.optimization import adam, adamw, falling, warm_cosine  # noqa: E402

pytestmark = pytest.mark.torch


def test_the_cosine_warms_up_and_ends_at_a_hundredth() -> None:
    assert [warm_cosine(step, 1000) for step in (0, 14, 29)] == [1 / 30, 0.5, 1.0]
    assert warm_cosine(515, 1000) == pytest.approx(0.505)
    assert warm_cosine(999, 1000) == pytest.approx(0.01, abs=1e-5)


def test_the_published_rate_falls_once_after_three_quarters() -> None:
    rate = falling(after=0.75, to=0.01)
    assert [rate(step, 200) for step in (0, 149, 150, 199)] == [1.0, 1.0, 0.01, 0.01]


@pytest.mark.parametrize(("make", "decay"), [(adam, 0.0), (adamw, 1e-4)])
def test_optimizers_take_parameters_and_a_rate(make, decay: float) -> None:
    optimizer = make(torch.nn.Linear(1, 1).parameters(), lr=0.5)
    assert optimizer.defaults["lr"] == 0.5
    assert optimizer.defaults["weight_decay"] == decay
