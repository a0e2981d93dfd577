"""Rules for the text of all sources, which no linter states."""

from __future__ import annotations

import re

import pytest

from tests.support.sources import ROOT, SOURCE_ROOTS, packages, source_files

#: A DICOM tag by number, ``0x00180050`` or ``(0x0018, 0x0050)``: attributes are named by keyword.
DICOM_TAG = re.compile(r"0x[0-9A-Fa-f]{8}\b|\(\s*0x[0-9A-Fa-f]{4},\s*0x[0-9A-Fa-f]{4}\s*\)")
#: Code takes a shape that the formatter leaves readable.
FORMATTER_OFF = re.compile(r"#\s*fmt:\s*(skip|off)")
EVERY_ROOT = pytest.mark.parametrize("root", SOURCE_ROOTS)


def lines_with(pattern, root):
    """``file:line`` of every match in the files of a source root."""
    found = []
    for file in source_files(root):
        text = file.read_text(encoding="utf-8")
        found += [
            f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, m.start()) + 1}"
            for m in pattern.finditer(text)
        ]
    return found


@EVERY_ROOT
def test_no_line_is_kept_from_the_formatter(root):
    assert lines_with(FORMATTER_OFF, root) == []


@EVERY_ROOT
def test_dicom_attributes_are_named_by_keyword(root):
    assert lines_with(DICOM_TAG, root) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (DICOM_TAG, "x = 0x00180050"),
        (DICOM_TAG, "header[(0x0018,\n 0x0050)]"),
        (FORMATTER_OFF, ")  # fmt: skip"),
        (FORMATTER_OFF, "# fmt:off"),
    ],
)
def test_the_rules_find_what_they_forbid(pattern, text):
    assert pattern.search(text)


@pytest.mark.parametrize("text", ["0xCC7A", "0x123456789", "0x0018_0050"])
def test_other_hexadecimal_numbers_are_no_tags(text):
    assert not DICOM_TAG.search(text)


@pytest.mark.parametrize("package", packages(), ids=lambda package: package.name)
def test_every_package_says_that_it_is_typed(package):
    assert (package / "py.typed").is_file()
