from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import SetupError  # noqa: E402
from scanserve.networks.weights import (  # noqa: E402
    PHANTOMS_NOTICE,
    Manifest,
    canonical_json,
    load_weights,
    read_manifest,
    save_weights,
    sha256_of,
)

pytestmark = pytest.mark.torch

FIELDS = {
    "seed": 7,
    "config": {"width": 4, "classes": 4},
    "data": {"studies": 3},
    "metrics": {"accuracy": 0.5},
    "licence": "Apache-2.0",
    "intended_use": "tests",
    "training_command": "none",
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
    assert manifest.notice == PHANTOMS_NOTICE


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


@pytest.mark.parametrize(
    "change", [{"sha256": "short"}, {"extra": 1}, {"seed": None}, {"config": {"width": "wide"}}]
)
def test_a_bad_manifest_is_refused(directory: Path, change: dict) -> None:
    content = json.loads((directory / "manifest.json").read_text()) | change
    (directory / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(SetupError, match=next(iter(change))) as caught:
        read_manifest(directory)
    assert caught.value.code == "weights-manifest"


def test_a_truncated_manifest_is_refused(directory: Path) -> None:
    (directory / "manifest.json").write_text('{"model": ')
    with pytest.raises(SetupError, match="not valid at the file"):
        read_manifest(directory)


def test_canonical_json_is_sorted_and_refuses_nan() -> None:
    assert canonical_json({"b": 1, "a": "ü"}) == '{\n  "a": "ü",\n  "b": 1\n}\n'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"a": float("nan")})


def test_a_manifest_cannot_be_changed(directory: Path) -> None:
    manifest = read_manifest(directory)
    assert isinstance(manifest, Manifest)
    with pytest.raises(ValueError, match="frozen"):
        manifest.seed = 8
