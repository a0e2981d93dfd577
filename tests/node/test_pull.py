"""Fetching studies from a real Orthanc by DICOMweb."""

from __future__ import annotations

import http.server
import json
import threading
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from scanserve.node import pull
from scanserve.node.config import NodeConfig, Pull
from scanserve.node.node import Node
from tests.support.node_peers import PACS, orthanc, send, wait_for
from tests.support.node_run import node_process, peer, settings, wait_states
from tests.support.node_studies import study_uid, write_study
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    """An Orthanc with two studies."""
    folder = tmp_path_factory.mktemp("orthanc")
    with orthanc(folder / "o") as running:
        for seed in "ab":
            send(running.dicom_port, write_study(folder / seed, 4, seed=seed), called_title=PACS)
        yield running


def puller(folder, query, **changed):
    return Node(NodeConfig.model_validate(settings(folder, **changed)), [Pull(query=query)])


def test_the_studies_of_a_query_are_fetched_and_no_others(tmp_path, pacs):
    with puller(tmp_path / "n", f"{pacs.web}/studies?StudyInstanceUID={study_uid('a')}") as running:
        wait_states(running, "done")
        assert [row.instances for row in running.queue.view.rows()] == [4]
        assert running.idle()


def test_a_repeated_pull_fetches_nothing_twice_and_takes_no_result_for_an_input(tmp_path, pacs):
    peers = [peer(pacs.dicom_port)]
    pulls = [{"query": f"{pacs.web}/studies", "every_s": 0.1}]
    changed = {"peers": peers, "pulls": pulls, "study__quiet_s": 0.5}
    with Node(NodeConfig.model_validate(settings(tmp_path / "n", **changed))) as running:
        wait_states(running, "done", "done")
        counts = running.queue.kept.counts()
        wait_for(lambda: len(pacs.instances()) == 10)
        wait_for(lambda: running._pullers[0].step() and running.queue.kept.counts() == counts)
        assert counts["received:new"] == 8


def test_a_query_by_the_command_line_ends_when_everything_is_done(tmp_path, pacs):
    running = node_process(tmp_path / "n", "--from", f"{pacs.web}/studies", "--until-done")
    running.start(wait=False)
    assert running.process.wait(60) == 0, running.log.read_text()
    assert len(list((tmp_path / "n" / "results").iterdir())) == 2


def test_an_absent_server_is_asked_again(tmp_path):
    with puller(tmp_path / "n", f"http://127.0.0.1:{free_port()}/studies") as running:
        assert running._pullers[0].step() > 0
        assert not running._pullers[0].done


@pytest.fixture
def listing():
    """A server that lists eight studies in parts of three, or with ``/all`` whatever part it is asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            place, first = (
                urlsplit(self.path).path,
                int(parse_qs(urlsplit(self.path).query).get("offset", "0")[0]),
            )
            part = range(8) if place == "/all/studies" else range(8)[first : first + 3]
            body = json.dumps([{"0020000D": {"vr": "UI", "Value": [f"1.{number}"]}} for number in part])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("query", "count", "questions"),
    [("/studies", 8, 4), ("/studies?PatientID=*", 8, 4), ("/all/studies", 8, 2), ("/studies?limit=3", 3, 1)],
)
def test_an_answer_in_parts_is_asked_for_until_it_ends(listing, query, count, questions):
    root, asked = listing
    with httpx.Client(trust_env=False) as client:
        assert len(pull.found(client, root + query, "0020000D")) == count
    assert len(asked) == questions
