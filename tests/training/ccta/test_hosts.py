from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.training.ccta.hosts import FILE, host_bank, host_scene, read_hosts  # noqa: E402
from scanserve.training.ccta.worlds import Tree  # noqa: E402
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
    ("entries", "said"),
    [
        ((), "hosts must name a CT but is empty"),
        (({"folder": "one"},), "hosts.0.heart_mm is missing"),
        ((ENTRY, ENTRY | {"smooth_mm": -1}), "hosts.1.smooth_mm must not be negative but is -1"),
        ((ENTRY | {"weight": 0},), "hosts.0.weight must be positive but is 0"),
        ((ENTRY | {"weight": float("inf")},), "its content must be JSON but is not (Infinity is no number)"),
        ((ENTRY | {"patient": "x"},), "hosts.0.patient is not expected"),
        ((ENTRY | {"heart_mm": [0, 1]},), "hosts.0.heart_mm must have 3 values but has 2"),
        ((ENTRY | {"heart_mm": [0, 1, "2"]},), "hosts.0.heart_mm.2 must be a finite number but is '2'"),
    ],
)
def test_an_invalid_list_is_refused(tmp_path: Path, entries: tuple, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_hosts(write(tmp_path, *entries))
    assert caught.value.code == "hosts-invalid"
    assert caught.value.message.endswith(f"must hold a valid {FILE}: {said}.")


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
    assert len(host["ends"]) == len(host["points"]) == 0


def test_faint_contrast_is_made_strong(tmp_path: Path) -> None:
    hu = np.full((12, 16, 20), 40, np.int16)
    hu[:, 4:12, 4:16] = 130
    ct_factory.write_series(tmp_path / "one", hu + 1024)
    bank = host_bank(tmp_path / "cache", write(tmp_path, ENTRY | {"enhance_hu": 80}))
    bank._write(0)
    values = bank.read(0)["hu"]
    assert values.max() == pytest.approx(80 + 50 * 6, abs=1)
    assert 40 in values


def test_a_tree_on_the_heart_moves_with_it() -> None:
    tree = vars(Tree.still(np.arange(12.0).reshape(4, 3), np.ones(4), np.zeros(4, int)))
    host = {"hu": np.zeros((5, 5, 5), np.int16), "centre": np.full(3, 2.0), "ends": np.array([1, 4]), **tree}
    other = Tree.still(np.zeros((2, 3)), np.ones(2), np.zeros(2, int))
    drawn = [host_scene(host, lambda: other, np.random.default_rng(s)) for s in range(20)]
    own = [scene for scene in drawn if scene.own]
    assert 0 < len(own) < 20
    for scene in own:
        points = scene.tree.points
        first = 0 if len(points) == 1 else 1
        np.testing.assert_allclose(points + scene.centre, tree["points"][first : first + len(points)] + 2)
        assert scene.tree.moved.shape == (1, *points.shape)


def test_hosts_are_found_again_without_their_images(tmp_path: Path) -> None:
    ct_factory.write_series(tmp_path / "here" / "one", ct_factory.pixels(12, 16, 20))
    cache = tmp_path / "cache"
    host_bank(cache, write(tmp_path / "here", ENTRY))._write(0)
    (tmp_path / "there").mkdir()
    bank = host_bank(cache, write(tmp_path / "there", ENTRY))
    bank.prepare()
    assert bank.read(0)["hu"].dtype == np.int16
