"""The page in a real Chromium, of a node that real senders send to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.node_page import browser, served
from tests.support.node_peers import send
from tests.support.node_run import FAKE, node
from tests.support.node_studies import MARKS, write_study

PICTURES = os.environ.get("SCANSERVE_PAGE_PICTURES")
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture
def look(chromium):
    """A page of the browser; nothing it says in its console goes unheard."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [text for text in said if "Failed to load resource" not in text] == []


def picture(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def log_in(page, url, token):
    page.goto(url)
    page.get_by_label("Token").fill(token)
    page.keyboard.press("Enter")
    page.wait_for_url(url)


def test_a_study_that_is_sent_appears_and_its_report_opens_and_a_refused_one_says_why(tmp_path, look):
    go_on = tmp_path / "go-on"
    changed = {"analysis__arguments": ["--until", str(go_on)]}
    with node(tmp_path / "n", **changed) as running, served(running) as (url, token):
        look.goto(url)
        assert look.url == f"{url}login"
        look.get_by_label("Token").fill("wrong")
        look.get_by_role("button", name="Log in").click()
        assert look.get_by_role("alert").inner_text() == "That is not the token of this node."
        picture(look, "login")
        log_in(look, url, token)
        assert "Nothing has been received yet" in look.inner_text("main")
        picture(look, "empty")
        send(running.dicom_port, write_study(tmp_path / "a"))
        look.get_by_text("analysing", exact=True).wait_for(timeout=WAIT_MS)
        picture(look, "analysing")
        go_on.touch()
        send(running.dicom_port, write_study(tmp_path / "b", seed="b", Modality="MR"))
        look.get_by_text("refused").first.wait_for(timeout=WAIT_MS)
        assert "No rule of the configuration gives any series" in look.inner_text("#rows")
        look.get_by_role("link", name="Report of study 1").wait_for(timeout=WAIT_MS)
        picture(look, "list")
        text = look.content()
        assert [mark for mark in MARKS.values() if mark in text] == []
        look.get_by_role("link", name="Study 1", exact=True).click()
        frame = look.frame_locator("iframe")
        assert frame.get_by_role("heading", name="Report").inner_text() == "Report"
        picture(look, "job")
        look.get_by_role("link", name="Open the report alone").click()
        look.wait_for_url("**/report")  # without scripts, as its policy says, a driver cannot look into it


def test_the_page_is_used_by_keyboard_alone(tmp_path, look):
    """A study that fails is retried, and one that runs is cancelled, without a mouse; the focus stays where it was."""
    program = tmp_path / "program"
    program.mkdir()
    (program / "fake.py").write_text(Path(FAKE[-1]).read_text())
    (program / "fail-study-missing").write_text("2")
    changed = {
        "analysis__program": [*FAKE[:-1], str(program / "fake.py")],
        "analysis__arguments": ["--wait", "60"],
    }
    with node(tmp_path / "n", **changed) as running, served(running) as (url, token):
        log_in(look, url, token)
        send(running.dicom_port, write_study(tmp_path / "a"))
        look.get_by_role("button", name="Retry study 1").wait_for(timeout=WAIT_MS)
        assert "study-missing" not in look.inner_text("#rows")
        tab_to(look, "Skip to the content")
        tab_to(look, "Retry study 1")
        (program / "fail-study-missing").unlink()
        look.wait_for_timeout(2500)
        assert focused(look) == "Retry study 1"
        look.keyboard.press("Enter")
        look.get_by_text("analysing", exact=True).wait_for(timeout=WAIT_MS)
        tab_to(look, "Cancel study 1")
        look.keyboard.press("Enter")
        look.get_by_text("cancelled", exact=True).wait_for(timeout=WAIT_MS)
        assert running.analyses.running() == []


def test_names_are_shown_only_where_the_configuration_says_so(tmp_path, look):
    with node(tmp_path / "n", page__show_names=True) as running, served(running) as (url, token):
        log_in(look, url, token)
        send(running.dicom_port, write_study(tmp_path / "a"))
        look.get_by_text("Zzqmark Wilhelmine").wait_for(timeout=WAIT_MS)


def focused(page):
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
    )


def tab_to(page, name, most=30):
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"{name!r} is not reached by the keyboard")
