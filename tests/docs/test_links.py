"""Links, headings and source files that the documentation names exist."""

from __future__ import annotations

import re

import pytest

from tests.support.sources import ROOT, source_files

PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + sorted(
    ROOT.glob("docs/*.md")
)
#: Names that only show a pattern.
PATTERNS = {"tests/a/b/test_c.py"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page):
    return page.read_text(encoding="utf-8")


def links(page):
    """The target and the heading, either of them empty, of every link inside the checkout."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text_of(page))
    return [target.partition("#")[::2] for target in targets if "://" not in target]


def anchors(page):
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def python_files(page):
    """Every Python file in backquotes."""
    return set(re.findall(r"`([\w./-]+\.py)`", text_of(page))) - PATTERNS


@pytest.fixture(scope="module")
def known():
    """Every Python file of the checkout, with a leading slash."""
    files = [*source_files(), *ROOT.glob("tests/**/*.py"), *ROOT.glob("docs/**/*.py"), *ROOT.glob("*/*.py")]
    return [f"/{file.relative_to(ROOT).as_posix()}" for file in files]


@every_page
def test_links_lead_to_files_and_headings(page):
    for target, anchor in links(page):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@every_page
def test_python_files_exist(page, known):
    missing = [name for name in python_files(page) if not any(file.endswith(f"/{name}") for file in known)]
    assert missing == []


def test_something_is_found():
    assert all(links(page) for page in PAGES if page.name in {"README.md", "accuracy.md"})
    assert any(anchor for page in PAGES for _, anchor in links(page))
    assert len(set().union(*map(python_files, PAGES))) > 10
