from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.training.bank import Bank, fingerprint

pytestmark = pytest.mark.torch


def make(seed: int) -> dict[str, np.ndarray]:
    return {"values": np.full(3, seed)}


def test_items_are_made_once_and_read_back(tmp_path: Path) -> None:
    bank = Bank(tmp_path, 5, 2, make)
    for seed in bank.seeds:
        bank._write(seed)
    assert len(bank) == 2
    np.testing.assert_array_equal(bank.read(1)["values"], [6, 6, 6])
    bank.prepare()  # nothing is missing: no worker is started


def test_a_half_written_item_is_made_again(tmp_path: Path) -> None:
    bank = Bank(tmp_path, 0, 1, make)
    (tmp_path / "00000000").mkdir()
    assert not bank._done(0).is_file()
    bank._write(0)
    assert bank._done(0).is_file()


def test_the_fingerprint_follows_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "maker"
    package.mkdir()
    (package / "__init__.py").write_text("# made of parts\n")
    (package / "part.py").write_text("SIZE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    maker = importlib.import_module("maker")
    before = fingerprint(maker)
    assert fingerprint(maker) == before
    assert fingerprint(importlib.import_module("maker.part")) != before
    (package / "part.py").write_text("SIZE = 2\n")
    assert fingerprint(maker) != before
