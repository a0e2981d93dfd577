"""Toy patients instead of phantoms, made in this process."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture
def toy_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanserve.phantoms import brain
    from scanserve.training.bank import Bank

    spec = importlib.util.spec_from_file_location("toy", Path(__file__).with_name("toy.py"))
    toy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(toy)
    monkeypatch.setattr(brain, "make_slices", toy.make_slices)
    monkeypatch.setattr(Bank, "prepare", lambda bank, *_: [bank._write(seed) for seed in bank.seeds])
