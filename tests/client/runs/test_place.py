import os

import pytest

from scanserve.client.runs.place import claim


def hidden(out):
    return out.with_name(f".{out.name}.scanserve")


def dead(out, *parts):
    """What a run that was killed left beside ``out``."""
    for part in parts:
        (hidden(out) / part).mkdir(parents=True)
        (hidden(out) / part / "file").write_text(part)
    (hidden(out) / "lock").touch()


def finish(out):
    place = claim(out)
    (place.begin() / "file").write_text("newest")
    place.finish()
    place.leave()


def test_what_was_written_takes_the_name(tmp_path):
    out = tmp_path / "a" / "out"
    finish(out)
    finish(out)
    assert (out / "file").read_text() == "newest"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_place_that_is_left_leaves_nothing(tmp_path):
    place = claim(tmp_path / "out")
    place.begin()
    assert hidden(tmp_path / "out").is_dir()
    place.leave()
    place.leave()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("beside", ["out", "neighbour"])
def test_an_earlier_result_that_a_killed_run_had_put_aside_comes_back(tmp_path, beside):
    out = tmp_path / "out"
    dead(out, "new", "old")
    claim(tmp_path / beside).leave()
    assert (out / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_that_was_killed_after_its_last_step_is_done(tmp_path):
    out = tmp_path / "out"
    finish(out)
    dead(out, "old")
    claim(tmp_path / "neighbour").leave()
    assert (out / "file").read_text() == "newest"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_rename_that_fails_puts_the_earlier_result_back(tmp_path):
    out = tmp_path / "out"
    finish(out)
    place = claim(out)
    place.begin().rmdir()
    with pytest.raises(FileNotFoundError):
        place.finish()
    place.leave()
    assert (out / "file").read_text() == "newest"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("owner", [1, -1])
def test_what_is_not_of_this_user_or_no_place_is_left_alone(tmp_path, monkeypatch, owner):
    dead(tmp_path / "other", "new")
    (tmp_path / ".mine.scanserve").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + owner)
    claim(tmp_path / "out").leave()
    assert {path.name for path in tmp_path.iterdir()} == {".other.scanserve", ".mine.scanserve"}
    assert (hidden(tmp_path / "other") / "new" / "file").is_file()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_process_does_not_give_the_place_up(tmp_path):
    place = claim(tmp_path / "out")
    child = os.fork()
    if child == 0:
        place.leave()
        os._exit(0)
    os.waitpid(child, 0)
    assert hidden(tmp_path / "out").is_dir()
    place.leave()


def test_a_file_in_the_way_is_said_by_the_system(tmp_path):
    hidden(tmp_path / "out").touch()
    with pytest.raises(FileExistsError):
        claim(tmp_path / "out")
