"""Returning results: to peers that take them, are absent, or refuse."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from scanserve.node import config, deliver
from scanserve.node.peers import dicom
from scanserve.node.peers.peer import PeerAbsentError
from tests.support.node_peers import (
    NODE,
    PACS,
    called,
    need,
    orthanc,
    process,
    send,
    storescp,
    wait_for,
)
from tests.support.node_run import node, peer, wait_states
from tests.support.node_studies import write_study
from tests.support.ports import free_port


@pytest.fixture
def quick(monkeypatch):
    """Seconds between tries become hundredths."""
    monkeypatch.setattr(deliver, "FIRST_S", 0.02)
    monkeypatch.setattr(deliver, "MOST_S", 0.2)


def code_of(running):
    (row,) = running.queue.view.rows()
    return {sent.code for sent in running.queue.view.sent(row.job)}


def test_an_absent_peer_gets_its_results_when_it_comes_and_holds_up_nobody_else(tmp_path, quick):
    """An hour of absence is as many tries as here; the node ends and starts in the middle of it."""
    here, absent = free_port(), free_port()
    peers = [peer(absent, name="absent"), peer(here, name="here")]
    with storescp(tmp_path / "here", here) as received:
        with node(tmp_path / "n", peers=peers) as running:
            send(running.dicom_port, write_study(tmp_path / "a"))
            wait_for(lambda: list(received.iterdir()))
            wait_for(lambda: code_of(running) == {"", "peer-absent"})
            wait_states(running, "returning")
        with node(tmp_path / "n", peers=peers) as running:
            wait_for(lambda: running.queue.view.deliveries_waiting() == {"absent": 1})
            with storescp(tmp_path / "absent", absent) as late:
                wait_states(running, "done")
                assert [file.name.split(".")[-1] for file in late.iterdir()]
        assert len(list(received.iterdir())) == 1


def test_the_wait_for_an_absent_peer_grows_to_a_bound(tmp_path):
    with node(tmp_path / "n", peers=[peer(free_port())]) as running:
        courier = running._courier(running.config.peers[0])
        send(running.dicom_port, write_study(tmp_path / "a"))
        wait_states(running, "returning")
        waits = [courier.step() for _ in range(12)]
        assert waits[:4] == [2, 4, 8, 16]
        assert waits[-1] == deliver.MOST_S


def test_a_peer_that_refuses_every_time_fails_the_study_with_its_reason_and_a_retry_sends_again(
    tmp_path, quick
):
    port = free_port()
    refusing = tmp_path / "refuse.cfg"
    refusing.write_text(
        "[[TransferSyntaxes]]\n[U]\nTransferSyntax1 = LittleEndianImplicit\n"
        "[[PresentationContexts]]\n[C]\nPresentationContext1 = CTImageStorage\\U\n"
        "[[Profiles]]\n[Default]\nPresentationContexts = C\n"
    )
    with node(tmp_path / "n", peers=[peer(port)]) as running:
        with storescp(tmp_path / "pacs", port, "-xf", refusing, "Default"):
            send(running.dicom_port, write_study(tmp_path / "a"))
            wait_states(running, "failed")
            assert code_of(running) == {"peer-refused"}
        with storescp(tmp_path / "pacs", port) as pacs:
            assert running.retry(1)
            wait_states(running, "done")
            assert len(list(pacs.iterdir())) == 1
        assert running.queue.kept.counts()["outcomes:analysed"] == 1


def test_a_peer_is_spoken_to_by_tls_and_must_be_of_the_authority(tmp_path, authority):
    own = {
        name: str(authority / file)
        for name, file in (("certificate", "node.pem"), ("key", "node.key"), ("authority", "ca.pem"))
    }
    true, false = free_port(), free_port()
    peers = [peer(true, name="true", tls=own), peer(false, name="false", tls=own)]

    def tls(name):
        return "+tls", authority / f"{name}.key", authority / f"{name}.pem", "+cf", authority / "ca.pem"

    with (
        storescp(tmp_path / "t", true, *tls("peer")) as good,
        storescp(tmp_path / "f", false, *tls("other")) as bad,
        node(tmp_path / "n", peers=peers) as running,
    ):
        send(running.dicom_port, write_study(tmp_path / "a"))
        wait_for(lambda: list(good.iterdir()))
        wait_for(lambda: code_of(running) == {"", "peer-absent"})
        assert list(bad.iterdir()) == []


def test_dcmqrscp_takes_a_result_and_finds_it(tmp_path):
    port, storage = free_port(), tmp_path / "storage"
    storage.mkdir()
    (tmp_path / "qr.cfg").write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\n{PACS} {storage} RW (200, 1024mb) ANY\nAETable END\n"
    )
    with (
        process(need("dcmqrscp"), "-c", tmp_path / "qr.cfg"),
        node(tmp_path / "n", peers=[peer(port)]) as running,
    ):
        send(running.dicom_port, write_study(tmp_path / "a"))
        wait_states(running, "done")
        found = called(
            need("findscu"),
            "-aet",
            NODE,
            "-aec",
            PACS,
            "-S",
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            "StudyInstanceUID",
            "-k",
            "PatientID=ZZQ-4711-ID",
            "127.0.0.1",
            port,
        )
        assert "StudyInstanceUID" in found.stdout + found.stderr


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def pacs(tmp_path_factory, port):
    """An Orthanc that knows a node at ``port``."""
    with orthanc(tmp_path_factory.mktemp("orthanc"), port) as running:
        yield running


def test_orthanc_commits_itself_to_keeping_a_result(tmp_path, pacs, port):
    peers = [peer(pacs.dicom_port, commitment=True, commitment_s=5)]
    with node(tmp_path / "n", peers=peers, dicom__port=port) as running:
        send(running.dicom_port, write_study(tmp_path / "a", seed="committed"))
        wait_states(running, "done")
        (sent,) = running.queue.view.sent(1)
        assert (sent.state, sent.files) == ("kept", 1)


def test_what_a_peer_has_lost_is_sent_again(tmp_path, pacs, port):
    """The object is deleted at the peer before it is asked; it says so, gets it again, and then keeps it."""
    peers = [peer(pacs.dicom_port, commitment=True, commitment_s=1)]
    with node(tmp_path / "n", peers=peers, dicom__port=port) as running:
        courier = running._courier(running.config.peers[0])
        running._loops[3].stop()
        running._loops[3].join()
        send(running.dicom_port, write_study(tmp_path / "a", seed="lost"))
        wait_states(running, "returning")
        before = set(pacs.get("/instances"))
        courier.step()
        (new,) = set(pacs.get("/instances")) - before
        pacs.delete(f"/instances/{new}")
        courier.step()
        wait_for(lambda: running.queue.view.sent(1)[0].state == "waiting")
        assert code_of(running) == {"commitment-refused"}
        courier.step()
        courier.step()
        wait_states(running, "done")


def test_a_peer_without_storage_commitment_gets_the_result_all_the_same(tmp_path):
    port = free_port()
    with (
        storescp(tmp_path / "pacs", port),
        node(tmp_path / "n", peers=[peer(port, commitment=True)]) as running,
    ):
        send(running.dicom_port, write_study(tmp_path / "a"))
        wait_states(running, "done")


def test_a_peer_that_never_answers_about_commitment_fails_the_study(tmp_path, pacs, quick):
    """The peer knows another address of the node, so its answers do not arrive."""
    peers = [peer(pacs.dicom_port, commitment=True, commitment_s=0.05)]
    with node(tmp_path / "n", peers=peers) as running:
        send(running.dicom_port, write_study(tmp_path / "a", seed="unanswered"))
        wait_states(running, "failed")
        assert code_of(running) == {"commitment-missing"}


def test_results_are_stored_over_the_web(tmp_path, pacs):
    before = set(pacs.instances())
    with node(tmp_path / "n", peers=[{"kind": "web", "name": "web", "url": pacs.web}]) as running:
        send(running.dicom_port, write_study(tmp_path / "a", seed="stow"))
        wait_states(running, "done")
        (new,) = set(pacs.instances()) - before
        assert new.encode() in next(running.layout.results.rglob("*.dcm")).read_bytes()


def test_a_web_peer_that_is_absent_or_refuses(tmp_path, pacs, quick):
    absent = {"kind": "web", "name": "absent", "url": f"http://127.0.0.1:{free_port()}"}
    with node(tmp_path / "n", peers=[absent]) as running:
        send(running.dicom_port, write_study(tmp_path / "a", seed="web"))
        wait_for(lambda: code_of(running) == {"peer-absent"} if running.queue.view.rows() else None)
    refusing = {"kind": "web", "name": "refusing", "url": f"{pacs.web}/nowhere"}
    with node(tmp_path / "m", peers=[refusing]) as running:
        send(running.dicom_port, write_study(tmp_path / "a", seed="web"))
        wait_states(running, "failed")
        assert code_of(running) == {"peer-refused"}


def test_a_peer_that_stops_in_the_middle_of_its_answer_is_absent(tmp_path, monkeypatch):
    monkeypatch.setattr(dicom, "CONNECT_S", 0.5)
    monkeypatch.setattr(dicom, "ANSWER_S", 0.5)
    files = write_study(tmp_path / "a", 1)
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor() as pool:
        sender = dicom.DicomSender("NODE", config.DicomPeer(**peer(listening.getsockname()[1])))
        sent = pool.submit(sender.send, files, lambda *_: None)
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"\x02\x00\x00")
            with pytest.raises(PeerAbsentError):
                sent.result(timeout=10)
