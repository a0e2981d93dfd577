"""Toy patients instead of phantoms, made in this process."""

from __future__ import annotations

import pytest


@pytest.fixture
def toy_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanserve.phantoms import dat as brain
    from scanserve.training.bank import Bank
    from tests.support import toy_slices as toy

    monkeypatch.setattr(brain, "make_slices", toy.make_slices)
    monkeypatch.setattr(Bank, "prepare", lambda bank, *_: [bank._write(seed) for seed in bank.seeds])
