"""Corners of a film that a sender sent are corrected on the node's page, in a real Chromium."""

import sys
from types import SimpleNamespace

import httpx
import numpy as np
import pydicom
import pytest

from scanserve.client.spine.page.messages import Save
from scanserve.client.spine.result import Result
from scanserve.node.page.desk import Desk
from scanserve.node.spine.benches import Benches
from tests.support import spine_samples
from tests.support.node_page import browser, served
from tests.support.node_peers import send, storescp, wait_for
from tests.support.node_run import node, peer, wait_states
from tests.support.ports import free_port
from tests.support.sources import ROOT
from tests.support.spine_page import Hand

POINT = 33


@pytest.fixture
def running(tmp_path, monkeypatch):
    """A node with one film that is done; its models are made up."""
    client = spine_samples.FakeClient()
    monkeypatch.setattr(Benches, "_infer", lambda self, spec, inputs: client.infer(spec, inputs))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    program = [sys.executable, "-m", "tests.support.fake_spine"]
    changed = {
        "rules": [{"application": "spine", "modality": "DX"}],
        "analysis__program": program,
        "analysis__server": "127.0.0.1:1",
    }
    with node(tmp_path / "n", **changed) as opened, served(opened) as (url, token):
        send(opened.dicom_port, list(spine_samples.write_study(tmp_path / "film").glob("*.dcm")))
        wait_states(opened, "done")
        yield SimpleNamespace(node=opened, url=url, token=token, client=client)


def result_of(running):
    row = running.node.queue.view.row(1)
    return running.node.layout.result(1, row.result)


def test_corners_are_corrected_and_saved_to_the_result(running):
    before = pydicom.dcmread(result_of(running) / "dicom" / "report.dcm").SOPInstanceUID
    with browser() as opened:
        page = opened.new_page(viewport={"width": 1280, "height": 860})
        page.goto(running.url)
        page.get_by_label("Token").fill(running.token)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Study 1", exact=True).click()
        page.get_by_role("link", name="Correct corners").click()
        reader = Hand(page).ready()
        page.get_by_label("Reader").fill("Dr Node")
        reader.drag(POINT, -9, 0)
        page.get_by_role("button", name="Save").click()
        reader.until("!window.scanserveSpine.unsaved")
        page.get_by_role("link", name="All studies").click()
        page.get_by_role("link", name="Report of study 1").wait_for()
    result = Result.model_validate_json((result_of(running) / "result.json").read_text())
    assert np.flatnonzero(result.fixed).tolist() == [POINT]
    assert [item.who for item in result.corrections] == ["Dr Node"]
    after = pydicom.dcmread(result_of(running) / "dicom" / "report.dcm").SOPInstanceUID
    assert after != before
    assert running.node.queue.jobs.is_output(running.node.digest(after))


def save_a_corner(running, place):
    """Fix one corner as the page does."""
    bench = Benches(Desk(running)).bench(1)
    state = bench.state()
    hint = {"point": POINT, "place": place, "previous": None}
    corrected = {"film": state["film"], "box": state["box"], "hints": [hint], "version": 1}
    done = {
        "action": "moved",
        "who": "Dr Node",
        "when": "2026-01-01T00:00:00Z",
        "point": POINT,
        "name": "T9 top-right",
    }
    rest = {
        "points": state["points"],
        "peaks": state["peaks"],
        "corrections": [done | {"start": None, "end": place}],
    }
    bench.save(Save.model_validate({**corrected, **rest}))


def result_again(running):
    wait_states(running.node, "done")
    return Result.model_validate_json((result_of(running) / "result.json").read_text())


def test_a_retry_keeps_what_was_corrected(running):
    save_a_corner(running.node, (210.0, 480.0))
    made = result_again(running).created
    assert running.node.retry(1)
    wait_for(lambda: result_again(running).created > made, 30)
    result = result_again(running)
    assert np.flatnonzero(result.fixed).tolist() == [POINT]
    assert tuple(result.points[POINT]) == (210.0, 480.0)
    assert [item.who for item in result.corrections] == ["Dr Node"]


def test_corrections_of_another_film_are_put_aside(running):
    save_a_corner(running.node, (210.0, 480.0))
    kept = running.node.layout.corrections(1)
    kept.write_text(kept.read_text().replace(result_again(running).study.sha256, "0" * 64))
    made = result_again(running).created
    assert running.node.retry(1)
    wait_for(lambda: result_again(running).created > made, 30)
    assert not result_again(running).fixed.any()
    assert not kept.exists()
    assert [path.name.partition("-")[0] for path in running.node.layout.strays.iterdir()] == ["1.json"]


def test_a_corrected_result_goes_to_the_peers_again(tmp_path, monkeypatch):
    client = spine_samples.FakeClient()
    monkeypatch.setattr(Benches, "_infer", lambda self, spec, inputs: client.infer(spec, inputs))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    changed = {
        "rules": [{"application": "spine", "modality": "DX"}],
        "analysis__program": [sys.executable, "-m", "tests.support.fake_spine"],
        "analysis__server": "127.0.0.1:1",
    }
    port = free_port()
    with (
        storescp(tmp_path / "pacs", port) as pacs,
        node(tmp_path / "n", peers=[peer(port)], **changed) as running,
    ):
        send(running.dicom_port, list(spine_samples.write_study(tmp_path / "film").glob("*.dcm")))
        wait_states(running, "done")
        assert len(list(pacs.iterdir())) == 3
        save_a_corner(running, (210.0, 480.0))
        wait_for(lambda: len(list(pacs.iterdir())) == 6, 30)
        wait_states(running, "done")


def test_strangers_see_nothing_and_other_jobs_are_refused(running):
    with httpx.Client(base_url=running.url) as guest:
        assert guest.get("/applications/spine/jobs/1/").headers["location"] == "/login"
        guest.post("/login", data={"token": running.token})
        assert guest.get("/applications/spine/jobs/1/state").json()["version"] == 1
        assert guest.get("/applications/spine/jobs/9/state").json()["code"] == "no-such-job"
        assert guest.post("/applications/spine/jobs/1/save", json={}).status_code == 403
