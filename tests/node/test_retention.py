"""Images are deleted when they are not needed any more; results are kept."""

from __future__ import annotations

import time

from tests.support.node_peers import send, wait_for
from tests.support.node_run import node, states, wait_states
from tests.support.node_studies import write_study


def images(running):
    return list(running.layout.images.rglob("*.dcm"))


def test_images_go_after_their_time_and_results_stay(tmp_path):
    day = 1 / 86400
    with node(tmp_path / "n", retention__images_days=day) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 2))
        wait_states(running, "done")
        retention = running._loops[2]
        assert len(images(running)) == 2
        wait_for(lambda: retention.wake() or images(running) == [])
        wait_for(lambda: running.room.used == 0)
        assert (running.layout.result(1, 2) / "report.html").exists()
        assert not running.retry(1)
        assert (running.layout.result(1, 2) / "report.html").exists()
    with node(tmp_path / "n", retention__images_days=day) as running:
        assert states(running) == ["done"]
        send(running.dicom_port, write_study(tmp_path / "a", 2))
        wait_for(lambda: running.queue.kept.counts().get("outcomes:done") == 2)


def test_images_of_what_is_under_way_stay(tmp_path):
    go_on = tmp_path / "go-on"
    changed = {"retention__images_days": 1e-9, "analysis__arguments": ["--until", str(go_on)]}
    with node(tmp_path / "n", **changed) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 2))
        wait_states(running, "running")
        running._loops[2].wake()
        time.sleep(0.1)
        assert len(images(running)) == 2
        go_on.touch()
        wait_for(lambda: running._loops[2].wake() or images(running) == [])
