import errno
import json

import pytest

from scanserve.client.runs.output import Output
from scanserve.contracts import InputError

KIND = "scanserve.some.result"


def writing(out, force=False):
    return Output(out, KIND, force=force).writing()


def earlier(folder):
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"kind": KIND, "old": True}))
    return folder


def fail(out, error, force=False):
    """Write half of it, then fail."""
    with writing(out, force=force) as folder:
        (folder / "half").touch()
        raise error


def code_of(out, force=False):
    with pytest.raises(InputError) as caught:
        Output(out, KIND, force=force).check()
    return caught.value.code


def test_the_folder_appears_whole(tmp_path):
    out = tmp_path / "a" / "out"
    with writing(out) as folder:
        (folder / "result.json").write_text("{}")
        assert not out.exists()
    assert [path.name for path in out.iterdir()] == ["result.json"]
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "out").mkdir()
    with writing(tmp_path / "out") as folder:
        (folder / "x").touch()
    assert (tmp_path / "out" / "x").exists()


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError):
        fail(tmp_path / "out", RuntimeError())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EACCES, "out-not-writable")]
)
def test_disk_errors_are_coded_and_leave_nothing(tmp_path, number, code):
    out = earlier(tmp_path / "out")
    with pytest.raises(InputError) as caught:
        fail(out, OSError(number, "reason"), force=True)
    assert caught.value.code == code
    assert json.loads((out / "result.json").read_text())["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_earlier_result_needs_force(tmp_path):
    out = earlier(tmp_path / "out")
    assert code_of(out) == "out-exists"
    with writing(out, force=True) as folder:
        (folder / "result.json").write_text("new")
    assert (out / "result.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("force", [False, True])
def test_what_is_not_ours_is_never_overwritten(tmp_path, force):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").touch()
    assert code_of(out, force) == "out-not-empty"
    (out / "thesis.txt").rename(out / "result.json")
    assert code_of(out, force) == "out-not-empty"
    mixed = earlier(tmp_path / "mixed")
    (mixed / "thesis.txt").touch()
    assert code_of(mixed, force) == "out-not-empty"


def test_a_file_is_refused(tmp_path):
    (tmp_path / "out").touch()
    assert code_of(tmp_path / "out") == "out-not-folder"


def test_a_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert code_of(tmp_path / "file" / "out") == "out-not-writable"


def test_an_application_s_own_entries_are_its_own(tmp_path):
    out = earlier(tmp_path / "out")
    (out / "series").mkdir()
    assert code_of(out, force=True) == "out-not-empty"
    Output(out, KIND, own=frozenset({"series"}), force=True).check()


def test_the_result_of_another_application_is_not_overwritten(tmp_path):
    out = earlier(tmp_path / "out")
    with pytest.raises(InputError) as caught:
        Output(out, "scanserve.other.result", force=True).check()
    assert caught.value.code == "out-not-empty"
