from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")
from scanserve.networks.card import Accuracy, render_card
from scanserve.networks.manifest import Manifest

DATA = {"source": "phantoms; no patient data", "steps": 7, "training_studies": 2, "started_from": "b" * 64}
MANIFEST = Manifest(
    model="ccta_stage1",
    sha256="a" * 64,
    seed=3,
    config={"width": 8},
    data=DATA,
    metrics={"validation_dice": 0.7},
    licence="Apache-2.0",
    intended_use="Trying out.",
    training_command="scanserve train ccta_stage1",
    commit="c" * 40,
    trained_on=("synthetic phantoms",),
)
CHECK = {
    "target": {"group": "all", "figure": "ov", "bound": 0.95, "at_most": False},
    "value": 0.914,
    "low": 0.878,
    "high": 0.944,
    "kept": False,
}


def test_a_card_tells_where_the_weights_come_from() -> None:
    card = render_card(MANIFEST)
    for told in (
        MANIFEST.notice,
        "a" * 64,
        "b" * 12,
        "c" * 40,
        "seed 3",
        "| validation_dice | 0.7 |",
        "no patient data",
    ):
        assert told in card
    assert "Not measured with these weights." in card
    assert "served in FP32" in card


def test_measured_figures_stand_with_interval_and_aim() -> None:
    ai = CHECK | {
        "target": CHECK["target"] | {"figure": "ai_mm", "at_most": True, "bound": 0.3},
        "kept": True,
    }
    none = CHECK | {"value": None, "low": None, "high": None}
    content = {"studies": "10 phases", "seeds": [5, 6, 7], "targets": [CHECK, ai, none]}
    card = render_card(MANIFEST, Accuracy.from_json(content), ["half: refused."])
    assert "3 studies (seeds 5 to 7)" in card
    assert "Each study: 10 phases." in card
    assert "| ov | all | 0.914 [0.878, 0.944] | ≥ 0.95 | missed |" in card
    assert "| ai_mm | all | 0.914 [0.878, 0.944] | ≤ 0.3 | kept |" in card
    assert "| ov | all | not defined |" in card
    assert "- half: refused." in card


def test_a_card_of_annotated_studies_claims_no_phantoms() -> None:
    manifest = replace(MANIFEST, data={"source": "annotated", "steps": 7}, commit=None)
    card = render_card(manifest)
    assert "phantom" not in card.split("## Limits")[1]
    assert "| commit |" not in card


def test_a_card_does_not_deny_real_backgrounds() -> None:
    data = DATA | {"source": "phantoms; synthetic vessels in 2 CTs (A; B)"}
    card = render_card(replace(MANIFEST, data=data))
    assert "no patient data" not in card
    assert "seen real CTs only as backgrounds" in card
