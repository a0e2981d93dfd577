"""Analyses that fail: what is tried again, how often, and with which reason it ends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from scanserve.node.work import MOST_WAIT_S, Later
from tests.support.node_peers import send, wait_for
from tests.support.node_run import FAKE, node, wait_states
from tests.support.node_studies import write_study
from tests.support.small_disk import fill


def failing(folder, code, status):
    """The analysis that fails as told."""
    folder.mkdir()
    (folder / "fake.py").write_text(Path(FAKE[-1]).read_text())
    (folder / f"fail-{code}").write_text(str(status))
    return [*FAKE[:-1], str(folder / "fake.py")]


def row_of(running):
    (row,) = running.queue.view.rows()
    return row


@pytest.mark.parametrize(
    ("code", "status", "state", "tries"),
    [
        ("study-missing", 2, "refused", 1),
        ("ineligible", 3, "refused", 1),
        ("internal", 1, "failed", 3),
        ("no-such-code", 1, "failed", 3),
    ],
)
def test_an_unusable_study_is_refused_and_another_failure_is_tried_again(
    tmp_path, code, status, state, tries
):
    program = failing(tmp_path / "program", code, status)
    with node(tmp_path / "n", analysis__program=program) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, state)
        row = row_of(running)
        assert row.tries == tries
        assert row.code == ("analysis-crashed" if code == "no-such-code" else code)


def test_an_absent_server_costs_no_try(tmp_path):
    program = failing(tmp_path / "program", "server-unavailable", 4)
    with node(tmp_path / "n", analysis__program=program, analysis__tries=1) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_for(lambda: len(running.queue.view.rows()) == 1 and row_of(running).code == "server-unavailable")
        (tmp_path / "program" / "fail-server-unavailable").unlink()
        wait_states(running, "done")


def test_an_analysis_without_end_is_ended(tmp_path):
    changed = {"analysis__arguments": ["--wait", "600"], "analysis__limit_s": 0.5, "analysis__tries": 1}
    with node(tmp_path / "n", **changed) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "failed")
        assert row_of(running).code == "analysis-timeout"
        assert list(running.layout.work.iterdir()) == []


def test_a_result_that_is_there_is_noted_and_not_computed_again(tmp_path):
    """The node was killed after the result was put in its place, and before that was noted."""
    with node(tmp_path / "n", analysis__arguments=["--wait", "600"], analysis__drain_s=0) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "running")
        result = running.layout.result(1, 1)
        result.mkdir()
        (result / "report.html").write_text("kept")
    with node(tmp_path / "n") as running:
        wait_states(running, "done")
        assert (running.layout.result(1, 1) / "report.html").read_text() == "kept"


def test_a_result_that_cannot_be_read_is_not_sent(tmp_path):
    program = failing(tmp_path / "program", "x", 0)
    (tmp_path / "program" / "fail-x").unlink()
    fake = tmp_path / "program" / "fake.py"
    fake.write_text(fake.read_text().replace("write_bytes(made_of(files))", "write_bytes(b'no DICOM')"))
    with node(tmp_path / "n", analysis__program=program, analysis__tries=2) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "failed")
        assert row_of(running).code == "analysis-crashed"
        assert list(running.layout.results.iterdir()) == []


def test_a_full_disk_costs_no_try_and_leaves_nothing_running(tmp_path, small_disk):
    """The queue has no room for the end of an analysis; once it has, the study is done."""
    go_on, told = tmp_path / "go-on", tmp_path / "full"
    script = (
        f"while ! test -e {go_on}; do sleep 0.02; done; "
        f'if test -e {told}; then echo "error [disk-full]: no room." >&2; exit 1; fi; exec "$@"'
    )
    changed = {"analysis__program": ["sh", "-c", script, "sh", *FAKE], "analysis__tries": 1}
    with node(small_disk / "n", **changed) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "running")
        told.touch()
        fill(small_disk / "ballast")
        go_on.touch()
        wait_for(lambda: not running.analyses.running())
        time.sleep(0.5)
        told.unlink()
        (small_disk / "ballast").unlink()
        wait_states(running, "done", timeout_s=15)


def test_a_job_that_is_begun_again_at_once_is_run_by_one_worker(tmp_path):
    """The worker that it was taken from clears up behind itself, and not behind the next one."""
    go_on, program = tmp_path / "go-on", tmp_path / "program"
    program.mkdir()
    (program / "fake.py").write_text(Path(FAKE[-1]).read_text())
    command = [*FAKE[:-1], str(program / "fake.py")]
    changed = {"analysis__arguments": ["--until", str(go_on)], "analysis__workers": 2, "analysis__tries": 1}
    with node(tmp_path / "n", analysis__program=command, **changed) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        for _ in range(20):
            wait_states(running, "running")
            wait_for(running.analyses.running)
            running.cancel(1)
            assert running.retry(1)
        wait_states(running, "running")
        go_on.touch()
        wait_states(running, "done")


def test_at_most_so_many_run_at_a_time(tmp_path):
    go_on = tmp_path / "go-on"
    with node(tmp_path / "n", analysis__arguments=["--until", str(go_on)], analysis__workers=2) as running:
        for seed in "abc":
            send(running.dicom_port, write_study(tmp_path / seed, 1, seed=seed))
        wait_states(running, "running", "running", "waiting")
        running.cancel(1)
        wait_states(running, "cancelled", "running", "running")
        go_on.touch()
        wait_states(running, "cancelled", "done", "done")


def test_what_is_put_off_again_waits_longer_up_to_a_bound():
    now = [0.0]
    later = Later(1.0, lambda: now[0])
    waits = []
    for _ in range(12):
        later.put_off(1)
        start = now[0]
        while later.numbers():
            now[0] += 0.5
        waits.append(now[0] - start)
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == MOST_WAIT_S
    later.put_off(1)
    later.forget(1)
    assert later.numbers() == []
