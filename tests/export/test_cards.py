from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch

from scanserve.contracts import SetupError
from scanserve.export.cards import write_cards
from scanserve.export.precision import Figure, PrecisionVerdict, sha256_of_file, write_verdict
from scanserve.networks.weights import save_weights

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Weights, repository and results, with one trained and measured network."""
    weights, repository, results = (tmp_path / name for name in ("weights", "repository", "results"))
    fields = {
        "seed": 0,
        "config": {"width": 8},
        "data": {"source": "phantoms", "steps": 1, "training_studies": 1},
        "metrics": {},
        "licence": "x",
        "intended_use": "x",
        "training_command": "x",
        "trained_on": ("synthetic phantoms",),
    }
    save_weights(weights / "ccta_stage1", {"weight": torch.zeros(1)}, **fields)
    served = repository / "ccta_stage1" / "1" / "model.onnx"
    served.parent.mkdir(parents=True)
    served.write_bytes(b"graph")
    target = {"group": "all", "figure": "ov", "bound": 0.95, "at_most": False}
    check = {"target": target, "value": 0.96, "low": None, "high": None, "kept": True}
    content = {
        "models": {"ccta_stage1": sha256_of_file(served)},
        "studies": "few",
        "seeds": [1],
        "targets": [check],
    }
    (results / "ccta").mkdir(parents=True)
    (results / "ccta" / "accuracy.json").write_text(json.dumps(content))
    return weights, repository, results


def test_a_card_holds_what_was_measured_with_the_served_file(places: tuple[Path, Path, Path]) -> None:
    (card,) = write_cards(*places)
    assert "| ov | all | 0.960 | ≥ 0.95 | kept |" in card.read_text(encoding="utf-8")


def test_a_measurement_of_another_file_is_not_told(places: tuple[Path, Path, Path]) -> None:
    (places[1] / "ccta_stage1" / "1" / "model.onnx").write_bytes(b"another graph")
    (card,) = write_cards(*places)
    assert "Not measured with these weights" in card.read_text(encoding="utf-8")


def test_a_verdict_on_precision_is_told(places: tuple[Path, Path, Path]) -> None:
    figures = (
        Figure(name="ov (all)", full=0.9, reduced=0.88),
        Figure(name="ot (all)", full=0.9, reduced=0.9),
    )
    verdict = PrecisionVerdict(
        model="ccta_stage1", precision="bf16", sha256="", studies="", seeds=(1, 2), figures=figures
    )
    write_verdict(places[0], verdict)
    (card,) = write_cards(*places)
    assert "bf16: refused. Of 2 figures on 2 studies, ov (all) lost most: +0.0200" in card.read_text("utf-8")


def test_a_card_out_of_step_is_named(places: tuple[Path, Path, Path]) -> None:
    write_cards(*places)
    assert len(write_cards(*places, check=True)) == 1
    figure = Figure(name="ov (all)", full=1.0, reduced=1.0)
    verdict = PrecisionVerdict(
        model="ccta_stage1", precision="half", sha256="", studies="", seeds=(1,), figures=(figure,)
    )
    write_verdict(places[0], verdict)
    with pytest.raises(SetupError, match="ccta_stage1") as raised:
        write_cards(*places, check=True)
    assert raised.value.code == "generated-files-drift"


def test_the_committed_cards_are_in_step() -> None:
    results = ROOT / "perf" / "results" / "accuracy"
    assert len(write_cards(ROOT / "weights", ROOT / "model_repository", results, check=True)) >= 3
