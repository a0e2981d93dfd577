"""The generated pages below ``docs/``."""

from pathlib import Path

import pytest

from scanserve.contracts import SetupError
from scanserve.export.docs import PAGES, write_docs

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_pages_match_the_contracts():
    assert [path.name for path in write_docs(DOCS, check=True)] == ["tensors.md", "errors.md"]


@pytest.mark.parametrize("name", PAGES)
def test_drift_is_refused_and_left_alone(name, tmp_path):
    write_docs(tmp_path)
    (tmp_path / name).write_text("old")

    with pytest.raises(SetupError, match=rf"^{name} differs") as error:
        write_docs(tmp_path, check=True)

    assert error.value.code == "generated-files-drift"
    assert (tmp_path / name).read_text() == "old"


def test_a_missing_page_is_drift(tmp_path):
    write_docs(tmp_path)[0].unlink()

    with pytest.raises(SetupError, match=r"tensors\.md differs"):
        write_docs(tmp_path, check=True)


@pytest.mark.parametrize("name", PAGES)
def test_tables_are_rectangular(name):
    blocks = [block.splitlines() for block in PAGES[name]().split("\n\n") if block.startswith("| ")]

    assert blocks
    for lines in blocks:
        assert {line.replace("\\|", "").count("|") for line in lines} == {lines[0].count("|")}
