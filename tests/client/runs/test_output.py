import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scanserve.client.runs.output import Output
from scanserve.contracts import InputError
from tests.support.other_user import needs_root, readable

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


def check(output):
    with output.held():
        pass


def code_of(out, force=False):
    with pytest.raises(InputError) as caught:
        check(Output(out, KIND, force=force))
    return caught.value.code


def test_the_folder_appears_whole(tmp_path):
    out = tmp_path / "a" / "out"
    with writing(out) as folder:
        (folder / "result.json").write_text("{}")
        assert not out.exists()
    assert {path.name for path in out.iterdir()} == {"result.json", ".scanserve.sha256"}
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
    check(Output(out, KIND, own=frozenset({"series"}), force=True))


def test_the_result_of_another_application_is_not_overwritten(tmp_path):
    out = earlier(tmp_path / "out")
    with pytest.raises(InputError) as caught:
        check(Output(out, "scanserve.other.result", force=True))
    assert caught.value.code == "out-not-empty"


def full_result(out, force=False):
    with writing(out, force=force) as folder:
        (folder / "result.json").write_text(json.dumps({"kind": KIND}))
        (folder / "report.html").touch()
        (folder / "figures").mkdir()
        (folder / "figures" / "a.png").write_bytes(b"a")
    return out


def test_what_a_run_wrote_is_replaced(tmp_path):
    out = full_result(tmp_path / "out")
    full_result(out, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "name", ["figures/mine.png", "figures/deep/notes.txt", "report.html", "figures/a.png"]
)
def test_a_file_of_the_user_s_is_never_removed(tmp_path, name):
    """Be it new, or one of ours that was changed."""
    out = full_result(tmp_path / "out")
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("my work")
    with pytest.raises(InputError, match=name) as caught:
        check(Output(out, KIND, force=True))
    assert caught.value.code == "out-not-empty"
    assert (out / name).read_text() == "my work"


def test_a_link_in_an_output_is_the_user_s(tmp_path):
    out = full_result(tmp_path / "out")
    (tmp_path / "a.png").write_bytes(b"a")
    (out / "figures" / "a.png").unlink()
    (out / "figures" / "a.png").symlink_to(tmp_path / "a.png")
    assert code_of(out, force=True) == "out-not-empty"


def test_figures_that_no_list_names_are_the_user_s(tmp_path):
    out = full_result(tmp_path / "out")
    (out / ".scanserve.sha256").unlink()
    assert code_of(out, force=True) == "out-not-empty"


def test_a_file_that_appears_meanwhile_is_kept(tmp_path):
    out = full_result(tmp_path / "out")
    with pytest.raises(InputError), writing(out, force=True):
        (out / "figures" / "mine.txt").write_text("my work")
    assert (out / "figures" / "mine.txt").read_text() == "my work"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("umask", "folders", "files"), [(0o000, 0o700, 0o600), (0o022, 0o700, 0o600), (0o177, 0o600, 0o600)]
)
def test_an_output_is_for_its_owner_alone_whatever_the_umask(tmp_path, umask, folders, files):
    if umask == 0o177 and os.geteuid() != 0:
        pytest.skip("only root can write into folders that it may not enter")
    before = os.umask(umask)
    try:
        out = full_result(tmp_path / "out")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (out, *out.rglob("*"))}
    assert modes == {
        "out": folders,
        "figures": folders,
        "a.png": files,
        "result.json": files,
        "report.html": files,
        ".scanserve.sha256": files,
    }


@needs_root
def test_another_user_reads_neither_the_output_nor_what_is_being_written(public):
    out = public / "out"
    before = os.umask(0)
    try:
        with writing(out) as folder:
            (folder / "result.json").write_text("{}")
            assert readable([folder, folder / "result.json", folder.parent, public]) == [public]
    finally:
        os.umask(before)
    assert readable([out, out / "result.json", public]) == [public]


def test_a_link_to_nothing_is_refused(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "absent")
    assert code_of(tmp_path / "out") == "out-not-replaceable"


def test_a_link_to_a_folder_stays_and_leads_to_the_output(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    full_result(tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real" / "result.json").is_file()


@pytest.mark.parametrize("out", [".", "..", "/", "../work"])
def test_the_current_folder_and_what_holds_it_are_refused(tmp_path, monkeypatch, out):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert code_of(Path(out)) == "out-not-replaceable"
    assert list((tmp_path / "work").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


_MOUNTED = """
import sys
from pathlib import Path
from scanserve.client.runs.output import Output
from scanserve.contracts import InputError
try:
    with Output(Path(sys.argv[1]), "k").held():
        print("held")
except InputError as error:
    print(error.code)
"""


@needs_root
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
@pytest.mark.parametrize("mount", ["mount -t tmpfs tmpfs '{out}'", "mount --bind '{other}' '{out}'"])
def test_a_mount_point_is_refused(tmp_path, mount):
    out, other = tmp_path / "o u t", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    script = mount.format(out=out, other=other) + ' && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-c", _MOUNTED, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["out-not-replaceable"]


_RUN = """
import json, os, sys
from pathlib import Path
from scanserve.client.runs.output import Output
output = Output(Path(sys.argv[1]), {kind!r}, force=True)
with output.held():
    print("checked", flush=True)
    sys.stdin.readline()
    with output.writing() as folder:
        (folder / "result.json").write_text(json.dumps({{"kind": {kind!r}, "by": "the other"}}))
        print("writing", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def other_run(tmp_path):
    """Another process that runs into ``out``; it does its next step at every line that it is sent."""
    program = _RUN.format(kind=KIND)
    command = [sys.executable, "-c", program, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "checked\n"
        yield other
        other.kill()


def go_on(other):
    other.stdin.write("\n")
    other.stdin.flush()
    return other.stdout.readline()


def test_a_second_run_is_refused_from_the_check_of_the_first_to_its_end(tmp_path, other_run):
    out = tmp_path / "out"
    assert code_of(out, force=True) == "out-in-use"
    assert go_on(other_run) == "writing\n"
    assert code_of(out, force=True) == "out-in-use"
    full_result(tmp_path / "neighbour")
    assert go_on(other_run) == ""
    assert other_run.wait(60) == 0
    assert json.loads((out / "result.json").read_text())["by"] == "the other"
    full_result(out, force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"out", "neighbour"}


def test_a_run_that_ends_in_between_leaves_nothing(tmp_path, other_run):
    other_run.stdin.close()
    assert other_run.wait(60) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


@pytest.mark.parametrize("steps", [0, 1])
def test_what_a_killed_run_leaves_is_swept_by_the_next_one_beside_it(tmp_path, other_run, steps):
    for _ in range(steps):
        go_on(other_run)
    other_run.kill()
    other_run.wait(60)
    assert [path.name for path in tmp_path.iterdir()] == [".out.scanserve"]
    full_result(tmp_path / "neighbour")
    assert [path.name for path in tmp_path.iterdir()] == ["neighbour"]


def test_a_second_run_in_another_thread_is_refused(tmp_path):
    out = tmp_path / "out"
    codes = []
    with writing(out) as folder:
        (folder / "result.json").touch()
        second = threading.Thread(target=lambda: codes.append(code_of(out)))
        second.start()
        second.join(60)
    assert codes == ["out-in-use"]


def test_a_run_that_fails_before_it_writes_leaves_nothing(tmp_path):
    out = full_result(tmp_path / "out")
    with pytest.raises(ZeroDivisionError), Output(out, KIND, force=True).held():
        raise ZeroDivisionError
    in_another = threading.Thread(target=check, args=[Output(out, KIND, force=True)])
    in_another.start()
    in_another.join(60)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_is_held_is_not_let_go_in_between(tmp_path):
    """Writing goes on in the place that was checked; nobody can take it meanwhile."""
    out = tmp_path / "out"
    output = Output(out, KIND)
    with output.held():
        (place,) = tmp_path.iterdir()
        lock = (place / "lock").stat().st_ino
        with output.writing() as folder:
            assert folder.parent == place
            assert (place / "lock").stat().st_ino == lock
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
