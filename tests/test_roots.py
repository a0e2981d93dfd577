"""The source roots of the checkout are the same in every setting."""

from __future__ import annotations

from pathlib import Path

from tests.support.sources import PYPROJECT, ROOT, SOURCE_ROOTS

TOOL = PYPROJECT["tool"]
WHEEL = TOOL["hatch"]["build"]["targets"]["wheel"]


def test_every_folder_with_a_slice_of_the_namespace_is_a_source_root():
    assert sorted(SOURCE_ROOTS) == sorted(
        folder.parent.name for folder in ROOT.glob("*/scanserve") if folder.is_dir()
    )


def test_the_wheel_holds_every_source_root():
    assert WHEEL["packages"] == [f"{root}/scanserve" for root in SOURCE_ROOTS]


def test_types_are_checked_in_every_source_root():
    assert TOOL["mypy"]["files"] == list(SOURCE_ROOTS)
    assert TOOL["mypy"]["mypy_path"] == ":".join(SOURCE_ROOTS)


def test_the_documentation_names_every_source_root():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [root for root in SOURCE_ROOTS if f"`{root}/" not in text] == []


def test_commands_are_modules_of_the_sources():
    for target in PYPROJECT["project"]["entry-points"]["scanserve.commands"].values():
        module = Path(*target.partition(":")[0].split("."))
        assert any((ROOT / root / module).with_suffix(".py").is_file() for root in SOURCE_ROOTS), target
