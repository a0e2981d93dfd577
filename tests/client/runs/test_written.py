import shutil
import stat
import subprocess

import pytest

from scanserve.client.runs.written import LIST, foreign, make_private, write_list


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "figures").mkdir()
    for name in ("result.json", "figures/a.png", "figures/two  spaces é.png"):
        (tmp_path / name).write_text(name)
    write_list(tmp_path)
    return tmp_path


def test_nothing_is_foreign_as_it_was_written(folder):
    assert foreign(folder) == []


def test_what_was_added_or_changed_is_foreign(folder):
    (folder / "figures" / "mine").mkdir()
    (folder / "figures" / "mine" / "b.png").touch()
    (folder / "result.json").write_text("edited")
    assert foreign(folder) == ["figures/mine/b.png", "result.json"]


def test_what_was_removed_is_no_matter(folder):
    (folder / "figures" / "a.png").unlink()
    assert foreign(folder) == []


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"no list\n"])
def test_without_a_list_that_can_be_read_every_file_is_foreign(folder, content):
    (folder / LIST).unlink() if content is None else (folder / LIST).write_bytes(content)
    assert foreign(folder) == ["figures/a.png", "figures/two  spaces é.png", "result.json"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_the_list_is_one_that_sha256sum_checks(folder):
    check = ["sha256sum", "--check", "--strict", LIST]
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 0
    (folder / "result.json").write_text("edited")
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 1


def test_what_is_stricter_stays(folder):
    (folder / "result.json").chmod(0o444)
    (folder / "figures").chmod(0o777)
    make_private(folder)
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}
    assert modes["result.json"] == "0o400"
    assert modes["figures"] == oct(0o700)
    assert oct(stat.S_IMODE(folder.stat().st_mode)) == oct(0o700)
