from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.training.ccta.hosts import FILE, host_bank, read_hosts  # noqa: E402
from tests.support import ct_factory  # noqa: E402

pytestmark = pytest.mark.torch

ENTRY = {"folder": "one", "heart_mm": [0.0, 0.0, 0.0], "title": "A collection, CC BY 3.0"}


def write(folder: Path, *entries: dict) -> Path:
    (folder / FILE).write_text(json.dumps({"hosts": entries}))
    return folder


def test_a_card_cites_every_host(tmp_path: Path) -> None:
    found = read_hosts(write(tmp_path, ENTRY, ENTRY | {"title": "Another"}))
    assert found.title == "synthetic vessels in 2 CTs (A collection, CC BY 3.0; Another)"


@pytest.mark.parametrize(
    "entries",
    [
        (),
        ({"folder": "one"},),
        (ENTRY | {"smooth_mm": -1},),
        (ENTRY | {"weight": 0},),
        (ENTRY | {"patient": "x"},),
    ],
)
def test_an_invalid_list_is_refused(tmp_path: Path, entries: tuple) -> None:
    with pytest.raises(InputError) as caught:
        read_hosts(write(tmp_path, *entries))
    assert caught.value.code == "hosts-invalid"


def test_a_folder_without_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_hosts(tmp_path)
    assert caught.value.code == "hosts-invalid"


def test_a_host_is_kept_at_the_voxel_size_of_scenes(tmp_path: Path) -> None:
    hu = ct_factory.pixels(12, 16, 20)
    ct_factory.write_series(tmp_path / "one", hu)
    bank = host_bank(tmp_path / "cache", write(tmp_path, ENTRY))
    bank._write(0)
    host = bank.read(0)
    assert host["hu"].dtype == np.int16
    assert host["centre"].shape == (3,)
    assert host["weight"] == 1
