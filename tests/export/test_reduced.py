from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
import onnx

from scanserve.contracts import InputError
from scanserve.export.precision import reduced_types
from scanserve.export.reduced import reduced_repository

pytestmark = pytest.mark.torch

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY, WEIGHTS = ROOT / "model_repository", ROOT / "weights"


def test_one_network_is_half_and_the_rest_is_as_it_was() -> None:
    with reduced_repository("ccta_quality", "half", REPOSITORY, WEIGHTS) as reduced:
        assert reduced_types(onnx.load(reduced.file)) == {"half"}
        assert reduced.file.is_relative_to(reduced.repository)
        other = Path("ccta_stage1", "1", "model.onnx")
        assert (reduced.repository / other).read_bytes() == (REPOSITORY / other).read_bytes()
        assert not (reduced.repository / "ccta_quality" / "canary.json").exists()
    assert not reduced.repository.exists()


def test_the_hint_is_in_the_configuration_of_the_cpu_alone() -> None:
    with reduced_repository("ccta_stage1", "bf16", REPOSITORY, WEIGHTS) as reduced:
        folder = reduced.repository / "ccta_stage1"
        assert '"bf16"' in (folder / "configs" / "cpu.pbtxt").read_text()
        assert "bf16" not in (folder / "config.pbtxt").read_text()
        assert reduced.configuration == "cpu"


@pytest.mark.parametrize(
    ("model", "precision", "code"),
    [("ccta_crop", "half", "precision-kind"), ("ccta_stage1", "int8", "precision-unbuildable")],
)
def test_what_cannot_be_reduced_is_refused(model: str, precision: str, code: str) -> None:
    with pytest.raises(InputError) as raised, reduced_repository(model, precision, REPOSITORY, WEIGHTS):
        pass
    assert raised.value.code == code
