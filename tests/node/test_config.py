"""The configuration: what is allowed, and one sentence about what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.node.config import read_config
from tests.support.sources import ROOT

FOLDER, RULE = 'folder = "data"\n', '[[rules]]\napplication = "ccta"\n'
LEAST = FOLDER + RULE
TOML = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def read(tmp_path, text):
    file = tmp_path / "node.toml"
    file.write_text(text)
    return read_config(file)


def test_paths_are_relative_to_the_file(tmp_path):
    found = read(tmp_path, LEAST)
    assert found.folder == tmp_path / "data"
    assert (found.dicom.host, found.dicom.callers, found.dicom.any_caller) == ("127.0.0.1", (), False)
    assert (found.page.host, found.page.show_names) == ("127.0.0.1", False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "folder"),
        ('folder = "x"', "rules"),
        (LEAST + "typo = 1", "typo"),
        (LEAST.replace("ccta", "nothing"), "ccta or dat"),
        (LEAST + 'description = "("', "regular expression"),
        (LEAST + '[page]\nhost = "0.0.0.0"', "loopback"),
        (LEAST + '[page]\ncertificate = "a"', "go together"),
        (LEAST + '[dicom]\nae_title = "LONGER_THAN_SIXTEEN"', "ae_title"),
        (LEAST + '[[pulls]]\nquery = "http://pacs/series"', "query"),
        (
            LEAST + '[[peers]]\nkind = "dicom"\nname = "a"\nae_title = "A"\nhost = "h"\nport = 104\n' * 2,
            "different",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, text, says):
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert caught.value.code == "config-invalid"
    assert says in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("data", [b"no toml", b"\xff\xfe"])
def test_what_is_no_toml_is_said(tmp_path, data):
    (tmp_path / "node.toml").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_config(tmp_path / "node.toml")
    assert caught.value.code == "config-unreadable"


def test_the_examples_of_the_documentation_are_valid(tmp_path):
    examples = TOML.findall((ROOT / "docs" / "hospital.md").read_text(encoding="utf-8"))
    assert len(examples) >= 2
    for example in examples:
        read(tmp_path, example if example.startswith("folder") else f"{FOLDER}{example}{RULE}")


def test_the_folder_may_be_anywhere(tmp_path):
    assert read(tmp_path, LEAST.replace("data", "/var/lib/node")).folder == Path("/var/lib/node")
