"""Tests and modules mirror each other by name: ``tests/a/b/test_c.py`` tests ``scanserve.a.b.c``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sources import ROOT, SOURCE_ROOTS, module_of, source_files

TESTS = ROOT / "tests"
#: Rooms whose tests cross modules: whole runs, and the examples in the documentation.
CROSS_CUTTING_ROOMS = {"e2e", "docs"}
#: Tests of a whole package: on the real server, and of its public names.
OF_A_PACKAGE = ("live", "public_names")
#: Tests of files that are not modules, and of whole rooms.
OF_FILES = {
    "contracts/test_committed.py": "model_repository",
    "contracts/test_facts.py": "contracts",
    "perf/test_gpu_forward.py": "perf/gpu_forward.py",
    "preprocessing/test_rooms.py": "preprocessing",
}

MODULES = {module_of(file) for file in source_files()}


def room_tests() -> list[Path]:
    """Test modules in a room, relative to ``tests``; those at the top are about the whole checkout."""
    found = (file.relative_to(TESTS) for file in sorted(TESTS.rglob("test_*.py")))
    return [file for file in found if len(file.parts) > 1 and file.parts[0] not in CROSS_CUTTING_ROOMS]


def is_folder(parts: tuple[str, ...]) -> bool:
    folders = ((ROOT / root / "scanserve").joinpath(*parts) for root in SOURCE_ROOTS)
    return any(next(folder.rglob("*.py"), None) for folder in folders)


def has_mirror(test: Path) -> bool:
    room, name = test.parts[:-1], test.stem.removeprefix("test_")
    if test.as_posix() in OF_FILES:
        return (ROOT / OF_FILES[test.as_posix()]).exists()
    if name.endswith(OF_A_PACKAGE):
        return is_folder(room)
    return ".".join([*room, name]) in MODULES or is_folder((*room, name))


@pytest.mark.parametrize("test", room_tests(), ids=Path.as_posix)
def test_every_test_module_has_its_module(test):
    assert has_mirror(test), f"tests/{test} tests no module of its name"


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("server/test_launcher.py", True),
        ("server/test_backends.py", True),
        ("server/test_live.py", True),
        ("server/test_nothing.py", False),
        ("nowhere/test_live.py", False),
    ],
)
def test_a_mirror_is_told_from_none(test, expected):
    assert has_mirror(Path(test)) is expected


def test_exceptions_exist():
    assert all((TESTS / file).is_file() for file in OF_FILES)
    assert all((TESTS / room).is_dir() for room in CROSS_CUTTING_ROOMS)
