from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import SetupError  # noqa: E402
from scanserve.training.bank import Bank  # noqa: E402
from scanserve.training.ccta.priorbank import prior_bank  # noqa: E402

pytestmark = pytest.mark.torch


def sample(seed: int) -> dict[str, np.ndarray]:
    return {"coarse": np.stack([np.full((32, 32, 32), 100, np.uint8), np.zeros((32, 32, 32), np.uint8)])}


@pytest.fixture
def samples(tmp_path: Path) -> Bank:
    bank = Bank(tmp_path / "worlds", 40, 1, sample)
    bank._write(40)
    return bank


def test_priors_are_stage_1s_own_maps(samples: Bank, tmp_path: Path, root: Path) -> None:
    bank = prior_bank(tmp_path, samples, root / "weights" / "ccta_stage1")
    bank._write(40)
    priors = bank.read(0)["priors"]
    assert priors.shape == (3, 32, 32, 32)
    assert priors.dtype == np.uint8
    assert np.median(priors) < 128  # no vessel in a block of water


def test_other_weights_are_another_bank(samples: Bank, tmp_path: Path, root: Path) -> None:
    mine = prior_bank(tmp_path, samples, root / "weights" / "ccta_stage1")
    other = prior_bank(tmp_path, samples, root / "weights" / "ccta_stage2")
    assert mine.folder != other.folder


def test_without_stage_1_there_are_no_priors(samples: Bank, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as error:
        prior_bank(tmp_path, samples, tmp_path / "weights" / "ccta_stage1")
    assert error.value.code == "weights-missing"
