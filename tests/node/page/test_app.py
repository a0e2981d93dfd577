"""The addresses of the page, and who may use them."""

from __future__ import annotations

import socket
import types
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from scanserve.node.page import app as pages
from tests.support.node_page import served
from tests.support.node_peers import send
from tests.support.node_run import node, wait_states
from tests.support.node_studies import write_study
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A node with one study that is done, its address and its token."""
    folder = tmp_path_factory.mktemp("page")
    pages_before = pages.WRONG_TOKEN_S
    pages.WRONG_TOKEN_S = 0.01
    with node(folder / "n") as running, served(running) as (url, token):
        send(running.dicom_port, write_study(folder / "a"))
        wait_states(running, "done")
        yield types.SimpleNamespace(node=running, url=url, token=token)
    pages.WRONG_TOKEN_S = pages_before


def client(page, **options):
    return httpx.Client(base_url=page.url, follow_redirects=False, **options)


@pytest.fixture
def guest(page):
    with client(page) as found:
        yield found


@pytest.fixture
def member(page):
    with client(page) as found:
        assert found.post("/login", data={"token": page.token}).status_code == 303
        yield found


def key_of(member):
    return member.get("/").text.split('name="key" value="')[1].split('"')[0]


@pytest.mark.parametrize("place", ["/", "/jobs/1", "/jobs/1/report"])
def test_without_a_login_nothing_is_shown(guest, place):
    answer = guest.get(place)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert guest.get("/rows").status_code == 401


@pytest.mark.parametrize("order", ["cancel", "retry"])
def test_without_a_login_nothing_is_done(guest, page, order):
    assert guest.post(f"/jobs/1/{order}").status_code == 303
    assert page.node.queue.view.row(1).state == "done"


def test_a_login_that_is_not_finished_keeps_nobody_else_out(guest, page):
    head = "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\ntoken="
    with socket.create_connection(("127.0.0.1", urlsplit(page.url).port)) as slow:
        slow.sendall(head.encode())
        assert guest.get("/login").status_code == 200
        assert guest.post("/login", data={"token": page.token}, timeout=5).status_code == 303


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_wrong_token_opens_nothing(guest, token):
    answer = guest.post("/login", data={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(guest, page):
    cookie = guest.post("/login", data={"token": page.token}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_form_without_the_key_of_its_session_does_nothing(member, page):
    assert member.post("/jobs/1/retry", data={"key": "wrong"}).status_code == 403
    assert page.node.queue.view.row(1).state == "done"


def test_an_endless_form_is_not_read(member):
    assert member.post("/jobs/1/retry", data={"key": "x" * 100_000}).status_code == 403


def test_a_retry_analyses_again(member, page):
    key = key_of(member)
    report = page.node.layout.result(1, 3) / "report.html"
    report.write_text("the first one")
    assert member.post("/jobs/1/retry", data={"key": key}).status_code == 303
    wait_states(page.node, "done")
    assert page.node.queue.kept.counts()["outcomes:analysed"] == 2
    assert "the first one" not in report.read_text()


def test_a_log_out_ends_the_session(member):
    key = key_of(member)
    assert member.post("/logout", data={"key": key}).status_code == 303
    assert member.get("/").status_code == 303


@pytest.mark.parametrize("place", ["/jobs/99", "/jobs/99/report"])
def test_what_is_not_there_is_said(member, place):
    assert member.get(place).status_code == 404


@pytest.mark.parametrize(
    "place", ["/nothing", "/jobs/1/../../etc/passwd", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_no_other_file_is_given(member, place):
    assert member.get(place).status_code == 404


def test_another_host_s_name_is_not_answered(page):
    with client(page, headers={"Host": "evil.example"}) as other:
        assert other.get("/login").status_code == 400


def test_answers_bring_a_policy_and_a_report_runs_nothing(member):
    for place in ("/", "/login", "/static/page.js"):
        assert "default-src 'none'" in member.get(place).headers["content-security-policy"]
    report = member.get("/jobs/1/report")
    assert "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"]


def test_an_application_s_own_pages_are_behind_the_login(page, monkeypatch):
    own = types.SimpleNamespace(ROUTES=[Route("/", lambda request: PlainTextResponse("own"))])
    monkeypatch.setattr(pages, "parts", lambda room: {"spine": own})
    settings = page.node.config.page.model_copy(update={"port": free_port()})
    monkeypatch.setattr(page.node, "config", page.node.config.model_copy(update={"page": settings}))
    with served(page.node) as (url, token), httpx.Client(base_url=url) as browser:
        assert browser.get("/applications/spine/").headers["location"] == "/login"
        browser.post("/login", data={"token": token})
        assert browser.get("/applications/spine/").text == "own"
