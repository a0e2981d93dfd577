from pathlib import Path

import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import FileRejectedError, scan_folder


def _words(root: str, name: str) -> list[str]:
    """The words of a file are its images; an empty file is rejected."""
    words = (Path(root) / name).read_text().split()
    if not words:
        raise FileRejectedError("empty", "are empty")
    return words


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "deep").write_text("three")
    (tmp_path / "a").write_text("one two")
    (tmp_path / "c").touch()
    return tmp_path


def test_images_come_in_order_of_their_paths_and_the_rest_is_accounted_for(folder):
    root, images, rejects = scan_folder(folder, _words)
    assert root == folder
    assert images == ["one", "two", "three"]
    assert [group.message for group in rejects.groups()] == ["1 file is empty."]
    assert [group.files for group in rejects.groups()] == [1]


def test_one_file_is_a_folder_of_one(folder):
    root, images, _ = scan_folder(folder / "a", _words)
    assert (root, images) == (folder, ["one", "two"])


def test_progress_comes_now_and_then_and_at_the_end(tmp_path):
    for number in range(130):
        (tmp_path / f"{number:03d}").write_text("x")
    calls = []
    scan_folder(tmp_path, _words, lambda done, total: calls.append((done, total)))
    assert calls == [(64, 130), (128, 130), (130, 130)]


def test_other_errors_are_not_swallowed(folder):
    def broken(root, name):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        scan_folder(folder, broken)


@pytest.mark.parametrize(("name", "code"), [("absent", "study-missing"), ("empty", "empty-folder")])
def test_folders_without_files_are_refused(tmp_path, name, code):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match=repr(name)) as caught:
        scan_folder(tmp_path / name, _words)
    assert caught.value.code == code
    assert str(tmp_path) not in caught.value.message


def test_a_folder_in_which_nothing_is_seen_says_what_was_not(tmp_path):
    (tmp_path / "phases").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "link").symlink_to(tmp_path / "phases")
    with pytest.raises(StudyError, match="1 link to a folder is not followed") as caught:
        scan_folder(tmp_path / "study", _words)
    assert caught.value.code == "empty-folder"
