"""Receiving, with DCMTK's tools as the senders."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from scanserve.node import receive
from scanserve.node.layout import Layout
from tests.support.node_peers import called, echo, need, send, wait_for
from tests.support.node_run import node, states, wait_states
from tests.support.node_studies import study_uid, write_study
from tests.support.small_disk import fill

REJECTED = 1


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study")


def files_of(folder):
    return sorted(Layout(folder).images.rglob("*.dcm"))


def test_echo_is_answered(tmp_path):
    with node(tmp_path / "n") as running:
        echo(running.dicom_port)


def test_what_was_answered_is_on_the_disk_under_names_that_tell_nothing(tmp_path, study):
    with node(tmp_path / "n", study__quiet_s=60) as running:
        assert send(running.dicom_port, study).stderr.count("Success") == len(study)
        held = files_of(tmp_path / "n")
        assert len(held) == len(study)
        assert not any(study_uid() in str(file) for file in held)
        assert sum(file.stat().st_size for file in held) == running.room.used


def test_another_title_is_not_answered(tmp_path, study):
    with node(tmp_path / "n") as running:
        assert send(running.dicom_port, study, called_title="OTHER", check=False).returncode == REJECTED
        assert files_of(tmp_path / "n") == []


@pytest.mark.parametrize(
    ("callers", "welcome"),
    [
        ([], False),
        ([{"ae_title": "CT2"}], False),
        ([{"ae_title": "CT1"}], True),
        ([{"ae_title": "CT1", "host": "127.0.0.1"}], True),
        ([{"ae_title": "CT1", "host": "127.0.0.9"}], False),
    ],
)
def test_only_callers_of_the_list_are_let_in(tmp_path, callers, welcome):
    with node(tmp_path / "n", dicom__any_caller=False, dicom__callers=callers) as running:
        assert (echo(running.dicom_port, check=False).returncode == 0) is welcome


def test_the_sender_is_told_when_the_quota_is_used_up(tmp_path, study):
    size = study[0].stat().st_size
    with node(tmp_path / "n", disk__quota_gib=2.5 * size / 2**30) as running:
        said = send(running.dicom_port, study, "-nh", check=False).stderr
        assert said.count("Success") == 2
        assert "A700" in said.upper() or "OutOfResources" in said
        assert len(files_of(tmp_path / "n")) == 2


def test_the_sender_is_told_before_the_disk_is_full(tmp_path, study):
    with node(tmp_path / "n", disk__reserve_gib=1e6) as running:
        said = send(running.dicom_port, study, "-nh", check=False).stderr
        assert "Success" not in said
        assert "OutOfResources" in said
        assert states(running) == []


def test_a_disk_that_is_full_takes_nothing_and_loses_nothing(study, small_disk):
    """A small disk of its own, really full; what was refused is taken once there is room."""
    with node(small_disk / "n", study__quiet_s=60) as running:
        ballast = small_disk / "ballast"
        fill(ballast)
        assert "OutOfResources" in send(running.dicom_port, study, "-nh", check=False).stderr
        assert files_of(small_disk / "n") == []
        assert list(Layout(small_disk / "n").partial.iterdir()) == []
        ballast.unlink()
        assert send(running.dicom_port, study).stderr.count("Success") == len(study)


def test_a_study_sent_twice_is_one_study(tmp_path, study):
    with node(tmp_path / "n") as running:
        send(running.dicom_port, study)
        wait_states(running, "done")
        send(running.dicom_port, study)
        wait_for(lambda: running.queue.kept.counts().get("received:known") == len(study))
        assert running.queue.studies.open() == []
        assert states(running) == ["done"]
        assert running.queue.kept.counts()["outcomes:analysed"] == 1


def test_another_content_under_the_same_uid_takes_its_place(tmp_path, study):
    with node(tmp_path / "n", study__quiet_s=60) as running:
        send(running.dicom_port, study)
        send(
            running.dicom_port,
            write_study(tmp_path / "again", SeriesDescription="Another and longer description"),
        )
        held = files_of(tmp_path / "n")
        assert len(held) == len(study)
        assert all(b"Another and longer" in file.read_bytes() for file in held)
        assert sum(file.stat().st_size for file in held) == running.room.used


def test_ten_senders_at_once(tmp_path):
    studies = [
        write_study(tmp_path / f"s{number}", 8, seed=str(number % 5), first=8 * (number // 5))
        for number in range(10)
    ]
    with node(tmp_path / "n", dicom__associations=10, study__quiet_s=1.0) as running:
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda files: send(running.dicom_port, files), studies))
        wait_states(running, *["done"] * 5, timeout_s=60)
        assert [row.instances for row in running.queue.view.rows()] == [16] * 5


def test_own_results_are_taken_for_no_study(tmp_path):
    study = write_study(tmp_path / "study", Manufacturer="scanserve")
    other = write_study(tmp_path / "other", seed="b", Manufacturer="scanserve phantom")
    with node(tmp_path / "n") as running:
        assert send(running.dicom_port, study).stderr.count("Success") == len(study)
        assert states(running) == []
        send(running.dicom_port, other)
        wait_states(running, "done")


def test_other_storage_classes_are_not_negotiated(tmp_path):
    (file,) = write_study(tmp_path / "study", 1, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.22")
    with node(tmp_path / "n") as running:
        assert send(running.dicom_port, [file], check=False).returncode != 0


@pytest.mark.parametrize("syntax", ["+e", "+b", "+s", "+l", "+r", "+d"])
def test_transfer_syntaxes_are_taken_as_they_come(tmp_path, syntax):
    tool = {
        "+e": ("dcmconv", "+ti"),
        "+b": ("dcmconv", "+tb"),
        "+s": ("dcmcjpeg", "+e1"),
        "+l": ("dcmcjpls", "+el"),
        "+r": ("dcmcrle",),
        "+d": ("dcmconv", "+td"),
    }[syntax]
    option = {"+e": "-xi", "+b": "-xb", "+s": "-xs", "+l": "-xt", "+r": "-xr", "+d": "-xd"}[syntax]
    (plain,) = write_study(tmp_path / "study", 1)
    called(need(tool[0]), *tool[1:], plain, tmp_path / "coded.dcm")
    with node(tmp_path / "n", study__quiet_s=60) as running:
        send(running.dicom_port, [tmp_path / "coded.dcm"], option)
        (held,) = files_of(tmp_path / "n")
        assert (
            called(need("dcmdump"), "+P", "TransferSyntaxUID", held).stdout
            == called(need("dcmdump"), "+P", "TransferSyntaxUID", tmp_path / "coded.dcm").stdout
        )


@pytest.fixture
def own_tls(authority):
    """The node's side of TLS."""
    files = {"certificate": "node.pem", "key": "node.key", "authority": "ca.pem"}
    return {name: str(authority / file) for name, file in files.items()}


def tls(authority, name):
    """DCMTK's side of TLS."""
    return "+tls", authority / f"{name}.key", authority / f"{name}.pem", "+cf", authority / "ca.pem"


def test_tls_asks_for_a_certificate_of_the_authority(tmp_path, study, authority, own_tls):
    with node(tmp_path / "n", dicom__tls=own_tls, study__quiet_s=60) as running:
        port = running.dicom_port
        send(port, study, *tls(authority, "peer"))
        assert len(files_of(tmp_path / "n")) == len(study)
        assert echo(port, *tls(authority, "other"), check=False).returncode != 0
        assert echo(port, "-to", "3", check=False).returncode != 0
        echo(port, *tls(authority, "peer"))


def test_a_connection_that_says_nothing_keeps_nobody_out_of_tls(tmp_path, authority, own_tls):
    with node(tmp_path / "n", dicom__tls=own_tls) as running:
        silent = [socket.create_connection(("127.0.0.1", running.dicom_port)) for _ in range(3)]
        echo(running.dicom_port, "-to", "5", "-ta", "5", *tls(authority, "peer"))
        for connection in silent:
            connection.close()


@pytest.mark.parametrize("secret", [False, True])
def test_a_sender_that_stops_in_the_middle_is_cut_off(tmp_path, own_tls, secret, monkeypatch):
    """Half of a message, or half of a handshake; the place among the associations is free again."""
    monkeypatch.setattr(receive, "SILENCE_S", 0.5)
    changed = {"dicom__tls": own_tls} if secret else {}
    with (
        node(tmp_path / "n", dicom__associations=1, **changed) as running,
        socket.create_connection(("127.0.0.1", running.dicom_port)) as half,
    ):
        half.sendall(b"\x16\x03\x01" if secret else b"\x01\x00\x00")
        half.settimeout(10)
        assert half.recv(1) == b""


def test_a_queue_that_finds_no_room_is_a_full_disk(tmp_path, study):
    with node(tmp_path / "n", study__quiet_s=60) as running:
        running.queue._database.row("PRAGMA max_page_count = 1")
        send_more = write_study(tmp_path / "more", 40, seed="more")
        assert "OutOfResources" in send(running.dicom_port, send_more, "-nh", check=False).stderr
        running.queue._database.row("PRAGMA max_page_count = 1000000")
        assert send(running.dicom_port, send_more).stderr.count("Success") == len(send_more)
        assert sum(file.stat().st_size for file in files_of(tmp_path / "n")) == running.room.used
