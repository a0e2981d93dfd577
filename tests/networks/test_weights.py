from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import SetupError  # noqa: E402
from scanserve.contracts.jsonrecord import RecordError  # noqa: E402
from scanserve.networks.manifest import read_manifest  # noqa: E402
from scanserve.networks.weights import canonical_json, load_weights, save_weights, sha256_of  # noqa: E402

pytestmark = pytest.mark.torch

FIELDS = {
    "seed": 7,
    "config": {"width": 4, "classes": 4},
    "data": {"studies": 3},
    "metrics": {"accuracy": 0.5},
    "licence": "Apache-2.0",
    "intended_use": "tests",
    "training_command": "none",
    "trained_on": ("synthetic phantoms",),
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    state = {"b": torch.arange(6.0).reshape(2, 3).T, "a": torch.tensor(1)}
    save_weights(tmp_path / "net", state, **FIELDS)
    return tmp_path / "net"


def test_what_is_saved_is_loaded(directory: Path) -> None:
    manifest, state = load_weights(directory)
    torch.testing.assert_close(state["b"], torch.arange(6.0).reshape(2, 3).T)
    assert state["a"] == 1
    assert manifest.model == "net"
    assert manifest.config == FIELDS["config"]
    assert manifest.trained_on == FIELDS["trained_on"]


def test_a_manifest_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"config.width must be an integer"):
        save_weights(tmp_path / "net", {}, **FIELDS | {"config": {"width": 0.5}})
    assert not (tmp_path / "net").exists()


def test_files_are_byte_stable(directory: Path, tmp_path: Path) -> None:
    _, state = load_weights(directory)
    again = tmp_path / "again" / "net"
    save_weights(again, dict(reversed(state.items())), **FIELDS)
    for name in ("model.safetensors", "manifest.json"):
        assert (again / name).read_bytes() == (directory / name).read_bytes()


def test_the_hash_is_of_the_file(directory: Path) -> None:
    assert sha256_of((directory / "model.safetensors").read_bytes()) == read_manifest(directory).sha256


@pytest.mark.parametrize("position", [0, 20, -1])
def test_tampered_weights_are_refused_before_they_are_parsed(directory: Path, position: int) -> None:
    path = directory / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    with pytest.raises(SetupError, match="must have sha256") as caught:
        load_weights(directory)
    assert caught.value.code == "weights-sha256"


@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json"])
def test_absent_files_are_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    with pytest.raises(SetupError, match=name) as caught:
        load_weights(directory)
    assert caught.value.code == "weights-missing"


def test_canonical_json_is_sorted_and_refuses_nan() -> None:
    assert canonical_json({"b": 1, "a": "ü"}) == '{\n  "a": "ü",\n  "b": 1\n}\n'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"a": float("nan")})
