"""What preprocessing and each of its rooms give away, and who knows whom."""

import ast
import importlib
from pathlib import Path

import pytest

import scanserve.preprocessing

ROOT = Path(scanserve.preprocessing.__file__).parent
PACKAGE = "scanserve.preprocessing"
#: Below all rooms: what was noticed, and what became of a rule.
VOCABULARY = ("findings", "acceptance")
#: Room -> the rooms that it may know, itself aside, and the vocabulary.
ROOMS = {
    "dicom": set(),
    "ct": {"dicom"},
    "nm": {"dicom"},
    "ccta": {"ct", "dicom"},
    "dat": {"nm", "dicom"},
    "radiograph": {"dicom"},
    "spine": {"radiograph", "dicom"},
}


def test_public_names():
    assert scanserve.preprocessing.__all__ == [
        "Finding",
        "Phase",
        "Reconstruction",
        "Skipped",
        "Study",
        "Tomogram",
        "Tomograms",
        "Volume",
        "Wishes",
        "check_eligibility",
        "read_study",
        "read_tomograms",
    ]
    assert all(hasattr(scanserve.preprocessing, name) for name in scanserve.preprocessing.__all__)


def test_every_room_has_its_rule():
    assert {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").is_file()} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_hold_what_they_promise(room):
    module = importlib.import_module(f"{PACKAGE}.{room}")
    assert module.__all__
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def rooms_known(room):
    """Rooms that the modules of ``room`` import from."""
    for file in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                inner = node.module.removeprefix(PACKAGE).lstrip(".")
                yield from [inner.split(".")[0]] if inner else [alias.name for alias in node.names]
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name.startswith(PACKAGE))


@pytest.mark.parametrize("room", ROOMS)
def test_imports_between_rooms_point_one_way(room):
    assert set(rooms_known(room)) - {room, *VOCABULARY} <= ROOMS[room]
