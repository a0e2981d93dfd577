"""The metrics of a node that has worked, by the text format's own rules."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest

from tests.support.node_peers import send, wait_for
from tests.support.node_run import node, peer, wait_states
from tests.support.node_studies import write_study
from tests.support.ports import free_port

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? [0-9.e+-]+')


def text_of(running, path="/metrics"):
    with urllib.request.urlopen(f"http://127.0.0.1:{running.metrics_port}{path}", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def test_a_node_says_what_it_has_done(tmp_path):
    with node(tmp_path / "n", peers=[peer(free_port())]) as running:
        send(running.dicom_port, write_study(tmp_path / "a", 2))
        wait_states(running, "returning")
        text = text_of(running)
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert [line for line in lines if not LINE.fullmatch(line)] == []
        assert 'scanserve_node_jobs{application="ccta",state="returning"} 1' in lines
        assert 'scanserve_node_received_total{outcome="new"} 2' in lines
        assert 'scanserve_node_deliveries_waiting{peer="pacs"} 1' in lines
        assert 'scanserve_node_outcomes_total{outcome="analysed"} 1' in lines
        assert any(line.startswith('scanserve_node_stage_seconds_total{stage="analysis"} ') for line in lines)
        wait_for(lambda: f"scanserve_node_images_bytes {running.room.used}" in text_of(running).splitlines())


def test_nothing_else_is_answered(tmp_path):
    with node(tmp_path / "n") as running, pytest.raises(urllib.error.HTTPError):
        text_of(running, "/")
