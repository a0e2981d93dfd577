"""What a release states: licence, version, changes and citation."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support.sources import PYPROJECT, ROOT

PROJECT = PYPROJECT["project"]
#: The kinds of change that Keep a Changelog 1.1.0 knows.
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def headings(level):
    return re.findall(rf"^{'#' * level} (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)


def test_the_licence_is_the_one_that_is_stated():
    lines = [line.strip() for line in text_of("LICENSE").splitlines() if line.strip()]
    assert lines[:2] == ["Apache License", "Version 2.0, January 2004"]
    assert "END OF TERMS AND CONDITIONS" in lines
    assert PROJECT["license"] == "Apache-2.0"


def test_weights_carry_the_licence_of_the_code():
    licences = {
        re.search(r"\| licence \| (\S+) \|", card.read_text())[1] for card in ROOT.glob("weights/*/CARD.md")
    }
    assert licences == {PROJECT["license"]}


def test_changes_begin_with_those_of_the_next_release_and_of_this_version():
    versions = headings(2)
    assert versions[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(PROJECT['version'])}\] - \d{{4}}-\d\d-\d\d", versions[1])
    assert set(headings(3)) <= KINDS


def test_the_citation_follows_its_schema():
    pytest.importorskip("check_jsonschema")
    schema = ("--builtin-schema", "vendor.citation-file-format", "--default-filetype", "yaml")
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(ROOT / "CITATION.cff")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_citation_is_of_this_project():
    yaml = pytest.importorskip("ruamel.yaml")
    citation = yaml.YAML(typ="safe").load(text_of("CITATION.cff"))
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
