from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.spine import MAP_SHAPE, POINTS  # noqa: E402
from scanserve.networks.spine.interaction import Gate, HintFusion  # noqa: E402

pytestmark = pytest.mark.torch


def maps(value: float = 0.0) -> torch.Tensor:
    return torch.full((1, POINTS, *MAP_SHAPE), value)


def test_fusion_adds_little_at_the_start_and_nothing_with_scale_zero() -> None:
    torch.manual_seed(0)
    fusion, features = HintFusion(8), torch.rand(1, 8, *MAP_SHAPE)
    change = fusion(features, maps(1.0), maps()) - features
    assert 0 < change.abs().mean() < 0.1 * features.abs().mean()
    fusion.scale.data.zero_()
    torch.testing.assert_close(fusion(features, maps(1.0), maps()), features)


def test_the_sign_of_the_scale_does_not_matter() -> None:
    torch.manual_seed(0)
    fusion, features = HintFusion(8), torch.rand(1, 8, *MAP_SHAPE)
    first = fusion(features, maps(1.0), maps())
    fusion.scale.data.neg_()
    torch.testing.assert_close(fusion(features, maps(1.0), maps()), first)


def test_the_gate_multiplies_whole_channels_by_less_than_one() -> None:
    torch.manual_seed(0)
    gate, features = Gate(4, 8), torch.rand(1, 8, *MAP_SHAPE) + 0.1
    factor = gate(features, maps(), torch.rand(1, 4, *MAP_SHAPE)) / features
    assert ((factor > 0) & (factor < 1)).all()
    torch.testing.assert_close(factor.amin(dim=(2, 3)), factor.amax(dim=(2, 3)))


def test_one_hint_anywhere_changes_every_channel_everywhere() -> None:
    torch.manual_seed(0)
    gate, features, early = Gate(4, 8), torch.ones(1, 8, *MAP_SHAPE), torch.zeros(1, 4, *MAP_SHAPE)
    hint = maps()
    hint[0, 30, 100, 50] = 10.0
    change = gate(features, hint, early) - gate(features, maps(), early)
    assert (change.abs() > 0).all()
