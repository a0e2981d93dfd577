"""Whole nodes: what survives kills, growth, clocks and company, and what a node tells nobody."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.node.clock import Moment
from scanserve.node.queue.facade import Queue
from tests.support.node_kills import kill_often
from tests.support.node_peers import send, storescp, wait_for
from tests.support.node_run import FAKE, node, node_process, peer, states, wait_states
from tests.support.node_studies import MARKS, instance_uid, study_uid, write_study
from tests.support.ports import free_port

KILLS = int(os.environ.get("SCANSERVE_NODE_KILLS", "4"))


def test_kills_at_random_moments_lose_no_study_and_double_none(tmp_path):
    outcome = kill_often(tmp_path, KILLS, seed=int(time.time()))
    assert (outcome.sent, outcome.lost, outcome.doubled) == (KILLS, 0, 0), outcome


def test_two_nodes_do_not_share_a_folder(tmp_path):
    with node(tmp_path / "n"), pytest.raises(InputError) as caught, node(tmp_path / "n"):
        pass
    assert caught.value.code == "queue-in-use"
    with node(tmp_path / "n"):
        pass


def test_a_study_that_grows_while_it_is_analysed_is_analysed_again_and_returned_once(tmp_path):
    port, go_on = free_port(), tmp_path / "go-on"
    first, later = write_study(tmp_path / "a", 2), write_study(tmp_path / "b", 3, first=2)
    with (
        storescp(tmp_path / "pacs", port) as pacs,
        node(tmp_path / "n", peers=[peer(port)], analysis__arguments=["--until", str(go_on)]) as running,
    ):
        send(running.dicom_port, first)
        wait_states(running, "running")
        send(running.dicom_port, later)
        assert states(running) == ["running"]
        go_on.touch()
        wait_for(lambda: running.queue.kept.counts().get("outcomes:done"))
        assert [row.instances for row in running.queue.view.rows()] == [5]
        (result,) = pacs.iterdir()
        assert b"5 instances" in result.read_bytes()
        assert [folder.name for folder in running.layout.results.iterdir()] == ["1-5"]


def test_a_study_that_grows_after_its_end_is_analysed_again(tmp_path):
    with node(tmp_path / "n") as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "done")
        send(running.dicom_port, write_study(tmp_path / "b", 1, first=1))
        wait_for(lambda: running.queue.kept.counts().get("outcomes:done") == 2)
        assert states(running) == ["done"]
        wait_for(lambda: [folder.name for folder in running.layout.results.iterdir()] == ["1-2"])


def test_a_stated_number_of_instances_makes_a_study_complete_at_once(tmp_path):
    with node(tmp_path / "n", study__quiet_s=600, study__instances=3) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 3))
        wait_states(running, "done")


def test_a_clock_that_was_set_changes_neither_order_nor_ages(tmp_path):
    """Kept an hour in the future, and a year in the past: the node's clock goes on from where it was."""
    for wall, least, most in ((time.time() + 3600, 0, 60), (time.time() - 365 * 86400, 0, 86400 + 60)):
        folder = tmp_path / str(int(wall))
        with node(folder, study__quiet_s=600) as running:
            send(running.dicom_port, write_study(tmp_path / "a", 1, seed="a"))
        queue = Queue(folder / "queue.sqlite")
        queue.kept.keep(Moment(1000.0, wall))
        queue.close()
        with node(folder) as running:
            assert least <= running.clock() - 1000.0 <= most
            send(running.dicom_port, write_study(tmp_path / "b", 1, seed="b"))
            wait_states(running, "done", "done")
            rows = sorted(running.queue.view.rows(), key=lambda row: row.study)
            assert [row.turn for row in rows] == [1, 2]
            assert len(list(running.layout.images.rglob("*.dcm"))) == 2


def test_the_end_waits_for_what_runs(tmp_path):
    with node(tmp_path / "n", analysis__arguments=["--wait", "1"], analysis__drain_s=60) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_for(lambda: running.queue.jobs.running() or states(running) == ["done"])
    queue = Queue(tmp_path / "n" / "queue.sqlite")
    assert [row.state for row in queue.view.rows()] == ["done"]
    queue.close()


def test_what_takes_too_long_for_the_end_goes_on_at_the_next_start_and_costs_no_try(tmp_path):
    changed = {"analysis__arguments": ["--wait", "600"], "analysis__drain_s": 0}
    with node(tmp_path / "n", **changed) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "running")
    with node(tmp_path / "n") as running:
        wait_states(running, "done")
        assert [row.tries for row in running.queue.view.rows()] == [1]


def test_a_study_that_ends_the_node_too_often_fails_with_its_reason(tmp_path):
    changed = {"analysis__arguments": ["--wait", "600"], "analysis__drain_s": 0, "analysis__interruptions": 2}
    with node(tmp_path / "n", **changed) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "running")
    with node(tmp_path / "n", **changed) as running:
        wait_states(running, "running")
    with node(tmp_path / "n", **changed) as running:
        wait_states(running, "failed")
        assert [row.code for row in running.queue.view.rows()] == ["interrupted-too-often"]


def test_an_analysis_does_not_outlive_a_node_that_is_killed(tmp_path):
    running = node_process(tmp_path / "n", analysis__arguments=["--wait", "600"])
    running.start()
    send(running.port, write_study(tmp_path / "a", 1))
    mark = str(tmp_path / "n" / "work")
    wait_for(lambda: _processes_with(mark))
    running.kill()
    wait_for(lambda: not _processes_with(mark), timeout_s=5)


def test_nothing_outside_images_and_results_tells_whose_study_it_was(tmp_path):
    """Marked values go through receiving, a failure that quotes them, and a refusal; everything written is searched."""
    program = tmp_path / "program"
    program.mkdir()
    (program / "fake.py").write_text(Path(FAKE[-1]).read_text())
    (program / "fail-study-missing").write_text("2")
    files = write_study(tmp_path / "a", 2)
    other = write_study(tmp_path / "b", 1, seed="other", Modality="MR")
    running = node_process(tmp_path / "n", analysis__program=[*FAKE[:-1], str(program / "fake.py")])
    running.start()
    send(running.port, files)
    send(running.port, other)
    text = wait_for(lambda: _metrics_text_when(running, 'state="refused"', 2))
    assert running.end() == 0
    written = {"metrics": text, "log": running.log.read_bytes()}
    for file in (tmp_path / "n").rglob("*"):
        if file.is_file() and "images" not in file.parts:
            written[str(file)] = str(file).encode() + file.read_bytes()
    hidden = [*MARKS.values(), study_uid(), instance_uid("a", 0, 0), "Zzq"]
    found = [(name, mark) for name, data in written.items() for mark in hidden if mark.encode() in data]
    assert found == []
    assert len(written) > 4


def _metrics_text_when(running, part, count):
    metrics = running.metrics()
    total = sum(value for name, value in metrics.items() if part in name)
    return "\n".join(metrics).encode() if total == count else b""


def _processes_with(text):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found
