import os
from pathlib import Path

import pytest

from scanserve.preprocessing.dicom import Rejects
from scanserve.preprocessing.dicom.walk import DEPTH, find_files

NOBODY = 65534


def _search(folder: Path) -> tuple[list[str], list[str]]:
    """The files, and what is said of what was not searched."""
    rejects = Rejects()
    return find_files(str(folder), rejects), [group.message for group in rejects.groups()]


@pytest.fixture
def study(tmp_path):
    for name in ("a", "b/deep", "b/c/deeper"):
        file = tmp_path / "study" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "study"


def test_files_of_all_folders_come_in_order(study):
    assert _search(study) == (["a", "b/c/deeper", "b/deep"], [])


def test_links_to_files_are_files(study):
    (study / "link").symlink_to(study / "a")
    assert _search(study) == (["a", "b/c/deeper", "b/deep", "link"], [])


def test_links_to_folders_are_said(study):
    (study / "again").symlink_to(study)
    (study / "phase").symlink_to(study / "b")
    files, said = _search(study)
    assert files == ["a", "b/c/deeper", "b/deep"]
    assert said == ["2 links to a folder are not followed, so that what they lead to is not read."]


def test_links_that_lead_nowhere_are_said(study):
    (study / "gone").symlink_to(study / "nothing")
    (study / "round").symlink_to(study / "round")
    assert _search(study)[1] == ["2 links lead nowhere."]


def test_what_is_neither_is_said(study):
    os.mkfifo(study / "pipe")
    assert _search(study)[1] == ["1 file is of a special kind (pipe, socket or device)."]


@pytest.fixture
def no_power():
    """Not the power of the superuser, who may list everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def test_a_folder_that_cannot_be_listed_is_said(public, request):
    (public / "seen").touch()
    (public / "closed").mkdir()
    (public / "closed" / "unseen").touch()
    (public / "closed").chmod(0o311)
    request.getfixturevalue("no_power")
    try:
        assert _search(public) == (["seen"], ["1 folder could not be listed."])
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        (public / "closed").chmod(0o700)


@pytest.fixture
def nested(tmp_path):
    """3,000 folders one in another, the last with a file; too many for what removes them otherwise."""
    before = os.getcwd()
    os.chdir(tmp_path)
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    Path("file").touch()
    yield tmp_path
    Path("file").unlink()
    for _ in range(3000):
        os.chdir("..")
        os.rmdir("d")
    os.chdir(before)


def test_thousands_of_folders_in_folders_are_not_searched(nested):
    (nested / "top").touch()
    assert _search(nested) == (["top"], ["1 folder lies too deep to be searched."])
    (nested / "top").unlink()


def test_folders_of_real_depth_are(tmp_path):
    folder = tmp_path.joinpath(*["d"] * (DEPTH - 1))
    folder.mkdir(parents=True)
    (folder / "file").touch()
    assert len(_search(tmp_path)[0]) == 1
