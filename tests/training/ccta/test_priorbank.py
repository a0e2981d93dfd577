from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import SetupError  # noqa: E402
from scanserve.training.bank import Bank  # noqa: E402
from scanserve.training.ccta.priorbank import DRAWS, prior_bank  # noqa: E402

pytestmark = pytest.mark.torch


def heart(seed: int) -> dict[str, np.ndarray]:
    return {"coarse": np.full((32, 32, 32), seed, np.int16)}


@pytest.fixture
def hearts(tmp_path: Path) -> Bank:
    bank = Bank(tmp_path / "hearts", 40, 1, heart)
    bank._write(40)
    return bank


def test_priors_are_stage_1s_own_maps(hearts: Bank, tmp_path: Path, root: Path) -> None:
    bank = prior_bank(tmp_path, hearts, root / "weights" / "ccta_stage1")
    bank._write(40)
    priors = bank.read(0)["priors"]
    assert priors.shape == (DRAWS, 3, 32, 32, 32)
    assert priors.dtype == np.uint8
    assert np.median(priors) < 128  # no vessel in a block of water
    assert (priors[0] != priors[1]).any()  # another draw of noise


def test_other_weights_are_another_bank(hearts: Bank, tmp_path: Path, root: Path) -> None:
    mine = prior_bank(tmp_path, hearts, root / "weights" / "ccta_stage1")
    other = prior_bank(tmp_path, hearts, root / "weights" / "ccta_stage2")
    assert mine.folder != other.folder


def test_without_stage_1_there_are_no_priors(hearts: Bank, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as error:
        prior_bank(tmp_path, hearts, tmp_path / "weights" / "ccta_stage1")
    assert error.value.code == "weights-missing"
