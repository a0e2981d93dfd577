"""At a start, files and rows agree again, whatever was cut off."""

from __future__ import annotations

from pathlib import Path

from scanserve.node.digests import Digester
from scanserve.node.layout import Layout
from scanserve.node.queue.facade import Queue
from scanserve.node.reconcile import reconcile
from tests.support.node_peers import send, wait_for
from tests.support.node_run import node, wait_states
from tests.support.node_studies import write_study


def test_a_file_without_a_row_is_taken_in_and_a_row_without_a_file_is_forgotten(tmp_path):
    with node(tmp_path / "n", study__quiet_s=60) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 3))
    layout = Layout(tmp_path / "n")
    queue = Queue(layout.queue)
    first, second, _ = sorted(layout.images.rglob("*.dcm"))
    first.unlink()
    queue.studies.forget(second.parent.name, [second.stem])
    (second.parent / "half.dcm").write_bytes(b"half a file")
    reconcile(layout, queue, Digester.of_file(layout.key), 0.0)
    held = {row["digest"] for row in queue.studies.all_instances()}
    queue.close()
    assert held == {file.stem for file in layout.images.rglob("*.dcm")}
    assert first.stem not in held
    assert second.stem in held
    with node(tmp_path / "n") as running:
        wait_states(running, "done")
        send(running.dicom_port, write_study(tmp_path / "a", 3))
        wait_for(lambda: [row.instances for row in running.queue.view.rows()] == [3])
        wait_for(lambda: running.queue.kept.counts().get("outcomes:done") == 2)


def test_what_was_half_done_is_cleared_up(tmp_path):
    layout = Layout(tmp_path / "n")
    layout.prepare()
    for folder in (layout.partial, layout.work, layout.trash, layout.results):
        (folder / "left").mkdir()
        (folder / "left" / "over").write_text("x")
    with node(tmp_path / "n") as running:
        for folder in (
            running.layout.partial,
            running.layout.work,
            running.layout.trash,
            running.layout.results,
        ):
            assert list(folder.iterdir()) == []


def test_results_of_another_queue_are_put_aside_and_not_deleted(tmp_path):
    """The queue was lost, or is an older one: a result is neither thrown away nor taken for another study's."""
    with node(tmp_path / "n") as running:
        send(running.dicom_port, write_study(tmp_path / "a", 1))
        wait_states(running, "done")
    layout = Layout(tmp_path / "n")
    layout.corrections(1).write_text("{}")
    for file in layout.folder.glob("queue.sqlite*"):
        file.unlink()
    with node(tmp_path / "n") as running:
        wait_states(running, "done")
        assert running.queue.kept.counts()["outcomes:analysed"] == 1
    corrections, result = sorted(layout.strays.iterdir(), key=Path.is_dir)
    assert (result / "report.html").exists()
    assert corrections.name.startswith("1.json-")
