from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from scanserve.contracts import SetupError
from scanserve.networks.manifest import MANIFEST_FILE, Manifest, read_manifest

CONTENT = {
    "model": "net",
    "sha256": "a" * 64,
    "seed": 7,
    "config": {"width": 4},
    "data": {"studies": 3},
    "metrics": {"accuracy": 0.5},
    "licence": "Apache-2.0",
    "intended_use": "tests",
    "training_command": "none",
    "trained_on": ["synthetic phantoms"],
}


def written(folder: Path, **change: object) -> Path:
    (folder / MANIFEST_FILE).write_text(json.dumps(CONTENT | change))
    return folder


def test_the_notice_names_what_the_network_was_trained_on(tmp_path: Path) -> None:
    annotated = read_manifest(written(tmp_path, trained_on=["annotated CT of ImageCAS"]))
    assert "were trained on annotated CT of ImageCAS." in annotated.notice
    assert "phantom" not in annotated.notice


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "short"},
        {"sha256": "A" * 64},
        {"extra": 1},
        {"seed": None},
        {"config": {"width": "wide"}},
        {"config": {"width": 1.5}},
        {"trained_on": []},
        {"trained_on": "synthetic phantoms"},
    ],
)
def test_a_bad_manifest_is_refused(tmp_path: Path, change: dict) -> None:
    with pytest.raises(SetupError, match=next(iter(change))) as caught:
        read_manifest(written(tmp_path, **change))
    assert caught.value.code == "weights-manifest"


def test_a_truncated_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_text('{"model": ')
    with pytest.raises(SetupError, match="not valid at the file"):
        read_manifest(tmp_path)


def test_an_absent_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=MANIFEST_FILE) as caught:
        read_manifest(tmp_path)
    assert caught.value.code == "weights-missing"


def test_a_manifest_cannot_be_changed(tmp_path: Path) -> None:
    manifest = read_manifest(written(tmp_path))
    assert isinstance(manifest, Manifest)
    with pytest.raises(FrozenInstanceError, match="seed"):
        manifest.seed = 8  # type: ignore[misc]


def test_reading_a_manifest_needs_no_torch() -> None:
    code = "import sys, scanserve.networks.manifest; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("missing", [name for name in CONTENT if name != "model"])
def test_a_manifest_that_lacks_a_field_is_refused(tmp_path: Path, missing: str) -> None:
    content = {name: value for name, value in CONTENT.items() if name != missing}
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(content))
    with pytest.raises(SetupError, match=f"not valid at {missing}: it is missing") as caught:
        read_manifest(tmp_path)
    assert caught.value.code == "weights-manifest"


def test_a_manifest_of_other_bytes_than_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SetupError, match="not valid at the file"):
        read_manifest(tmp_path)
