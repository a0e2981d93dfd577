from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.training.budget import Budget  # noqa: E402
from scanserve.training.ccta import live, together  # noqa: E402
from scanserve.training.ccta.scenebank import scene_bank  # noqa: E402
from scanserve.training.ccta.seeds import TRAIN  # noqa: E402
from scanserve.training.ccta.together import Sizes, train_together  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.alone
@pytest.mark.parametrize(("makers", "seconds"), [(0, 15.0), (1, 25.0)])
def test_both_networks_learn_within_the_budget_and_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, makers: int, seconds: float
) -> None:
    if not makers:  # another process would not know
        monkeypatch.setattr(live, "PATCHES", 1)
    monkeypatch.setitem(
        together.SIZES, "cpu", Sizes(pool=2, fresh=1, first=1, coarse=1, patches=1, makers=makers)
    )
    monkeypatch.setattr(together, "CHECKPOINT_S", 0.0)
    scene_bank(tmp_path, TRAIN, 1)._write(TRAIN.first_seed)
    budget = Budget(tmp_path / "run", Sources(tmp_path, tmp_path / "weights"), seconds, width=2, studies=1)
    spent = []
    first = train_together(budget, lambda done, _, terms: spent.append((done, terms["total"])))
    assert list(first) == ["ccta_stage1", "ccta_stage2"]
    steps = {steps for _, steps in first.values()}
    assert len(spent) == max(steps) >= 1
    assert all(np.isfinite(loss) for _, loss in spent)
    again = train_together(budget)
    assert {steps for _, steps in again.values()} == steps
    for model, (trainee, _) in again.items():
        for name, value in trainee.average.state_dict().items():
            torch.testing.assert_close(value, first[model][0].average.state_dict()[name])
