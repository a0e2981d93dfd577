"""The page in a real Chromium: real drags on a film, with a made-up server behind it."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from scanserve.client.spine.result import Result
from tests.support import spine_samples
from tests.support.node_page import browser
from tests.support.spine_page import Hand, bench, hand, page_of

PICTURES = os.environ.get("SCANSERVE_PAGE_PICTURES")
POINT = 33  # T9, top right


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture
def client():
    peaks = np.full(68, 0.9)
    peaks[20:24], peaks[50] = 0.1, 0.2
    return spine_samples.FakeClient(peaks=peaks)


@pytest.fixture
def film(tmp_path, client):
    """(workbench, address, output folder)."""
    with bench(tmp_path, client) as opened, page_of(opened) as url:
        yield opened, url, tmp_path / "out"


@pytest.fixture
def reader(chromium, film):
    with hand(chromium, film[1]) as opened:
        yield opened


def picture(reader, name):
    if PICTURES:
        reader.page.screenshot(path=Path(PICTURES) / f"spine-{name}.png")


def saved(out):
    return Result.model_validate_json((out / "result.json").read_text())


def hints_sent(client):
    name, hints, previous = client.sent[-1]
    assert name == "spine_unet"
    return hints, previous


def test_a_dragged_corner_stays_and_the_others_follow(reader, client):
    before = np.array(reader.model("points"))
    picture(reader, "opened")
    reader.drag(POINT, -12 * reader.scale(), 0)
    after = np.array(reader.model("points"))
    assert (
        np.abs(after[POINT] - spine_samples.corners()[POINT]).max() < 1.5
    )  # the hand moves whole CSS pixels
    np.testing.assert_allclose(after[32:36][[0, 2, 3]], spine_samples.corners()[32:36][[0, 2, 3]], atol=0.1)
    np.testing.assert_allclose(after[28:32, 0], before[28:32, 0] - 6, atol=0.1)
    assert reader.model("fixed") == [POINT]
    assert "Found again" in reader.status()
    hints, previous = hints_sent(client)
    assert np.flatnonzero(hints[:, 2]).tolist() == [POINT] == np.flatnonzero(previous[:, 2]).tolist()
    assert hints[POINT, 0] < previous[POINT, 0]
    picture(reader, "corrected")


def test_a_fixed_corner_never_moves_by_itself(reader):
    reader.drag(POINT, -9, 3)
    fixed = reader.model("points")[POINT]
    reader.drag(60, -9, 0)
    reader.drag(4, 7, 0)
    assert reader.model("points")[POINT] == fixed
    assert sorted(reader.model("fixed")) == [4, POINT, 60]


def test_a_press_that_moves_less_than_five_pixels_chooses_only(reader, client):
    requests = len(client.sent)
    before = reader.model("points")
    x, y = reader.place(POINT)
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    reader.page.mouse.move(x + 3, y + 3)
    reader.page.mouse.up()
    assert reader.model("points") == before
    assert len(client.sent) == requests
    assert "T9 top-right" in reader.page.inner_text("#selected")


def test_the_corner_does_not_jump_to_the_pointer(reader):
    before = np.array(reader.model("points")[POINT])
    x, y = reader.place(POINT)
    mouse = reader.page.mouse
    mouse.move(x + 6, y + 4)
    mouse.down()
    mouse.move(x + 6 + 30, y + 4, steps=3)
    mouse.up()
    reader.ready()
    moved = (np.array(reader.model("points")[POINT]) - before) * reader.scale()
    np.testing.assert_allclose(moved, [30, 0], atol=0.6)


def test_the_angle_follows_while_the_corner_is_dragged(reader):
    before = reader.page.inner_text("#curves")
    reader.drag(0, 0, 14, release=False)
    reader.until(f"document.getElementById('curves').innerText !== {before!r}".replace("\\xa0", " "))
    reader.page.keyboard.press("Escape")
    reader.page.mouse.up()
    assert reader.model("fixed") == []


def test_undo_and_redo_give_back_what_was(reader):
    states = [reader.model("points")]
    for point in (POINT, 60):
        reader.drag(point, -9, 0)
        states.append(reader.model("points"))
    reader.page.keyboard.press("Control+z")
    assert reader.model("points") == states[1]
    reader.page.get_by_role("button", name="Undo").click()
    assert reader.model("points") == states[0]
    assert reader.model("fixed") == []
    assert reader.page.get_by_role("button", name="Undo").is_disabled()
    reader.page.keyboard.press("Control+y")
    reader.page.get_by_role("button", name="Redo").click()
    assert reader.model("points") == states[2]
    actions = [entry["action"] for entry in reader.log()]
    assert actions == ["moved", "moved", "undone", "undone", "redone", "redone"]


def test_all_go_one_level_up_and_down(reader):
    before = np.array(reader.model("points"))
    reader.page.get_by_role("button", name="All one level down").click()
    reader.ready()
    after = np.array(reader.model("points"))
    np.testing.assert_allclose(after[:64], before[4:])
    assert sorted(reader.model("fixed")) == list(range(64))
    reader.page.get_by_role("button", name="Undo").click()
    np.testing.assert_allclose(reader.model("points"), before)
    reader.page.get_by_role("button", name="All one level up").click()
    reader.ready()
    np.testing.assert_allclose(np.array(reader.model("points"))[4:], before[:64])
    assert [entry["action"] for entry in reader.log()] == ["level down", "undone", "level up"]


def test_the_keyboard_moves_corners_and_lets_the_others_follow(reader, client):
    page = reader.page
    page.locator("#film").focus()
    page.keyboard.press("n")
    page.keyboard.press("n")
    before = np.array(reader.model("points")[1])
    requests = len(client.sent)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    assert len(client.sent) == requests
    page.keyboard.press("Enter")
    reader.ready()
    np.testing.assert_allclose(np.array(reader.model("points")[1]) - before, [-3, 10], atol=0.02)
    assert reader.model("fixed") == [1]
    assert len(client.sent) == requests + 1
    page.keyboard.press("Delete")
    reader.ready()
    assert reader.model("fixed") == []
    np.testing.assert_allclose(reader.model("points")[1], before, atol=0.01)


def test_doubtful_vertebrae_come_first_and_near(reader):
    page = reader.page
    assert page.locator("#doubts button").all_inner_texts() == ["T6", "L1"]
    page.get_by_role("button", name="T6").click()
    assert "T6" in page.inner_text("#selected")
    assert page.evaluate("window.scanserveSpine.view.zoom") > 2
    x, y = reader.place(20)
    assert 0 < x < 960
    assert 0 < y < 860
    picture(reader, "doubtful")
    page.locator("#film").focus()
    page.keyboard.press("d")
    assert "L1" in page.inner_text("#selected")


def test_the_view_zooms_around_the_pointer_moves_and_inverts(reader):
    page = reader.page
    x, y = reader.place(POINT)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    reader.until("window.scanserveSpine.view.zoom > 1.5")
    np.testing.assert_allclose(reader.place(POINT), [x, y], atol=1)
    page.mouse.move(40, 400)
    page.mouse.down()
    page.mouse.move(100, 430, steps=3)
    page.mouse.up()
    np.testing.assert_allclose(reader.place(POINT), [x + 60, y + 30], atol=1.5)
    page.locator("#film").focus()
    page.keyboard.press("i")
    assert page.get_by_role("button", name="Invert").get_attribute("aria-pressed") == "true"
    page.keyboard.press("0")
    assert page.evaluate("window.scanserveSpine.view.zoom") == 1
    page.mouse.move(300, 300)
    page.mouse.down(button="right")
    page.mouse.move(360, 260, steps=3)
    page.mouse.up(button="right")
    assert page.evaluate("window.scanserveSpine.view.contrast") > 10
    picture(reader, "inverted")
    assert reader.model("fixed") == []


def test_what_was_corrected_is_saved_with_who_and_when(reader, film):
    _, _, out = film
    reader.page.get_by_label("Reader").fill("Dr Other")
    reader.drag(POINT, -9, 0)
    reader.page.get_by_role("button", name="Save").click()
    reader.until("!window.scanserveSpine.unsaved")
    result = saved(out)
    (correction,) = result.corrections
    assert (correction.who, correction.action, correction.point) == ("Dr Other", "moved", POINT)
    assert correction.name == "T9 top-right"
    assert correction.end == pytest.approx(result.points[POINT], abs=0.01)
    assert correction.start[0] > correction.end[0]
    np.testing.assert_allclose(result.points, reader.model("points"), atol=0.01)
    assert np.flatnonzero(result.fixed).tolist() == [POINT]
    assert "Dr Other" in (out / "report.html").read_text()


def test_a_page_that_is_opened_again_shows_what_was_saved(chromium, tmp_path, client):
    with bench(tmp_path, client) as opened, page_of(opened) as url, hand(chromium, url) as reader:
        reader.drag(POINT, -9, 0)
        reader.page.get_by_role("button", name="Save").click()
        reader.until("!window.scanserveSpine.unsaved")
        points = reader.model("points")
    with bench(tmp_path, client) as opened, page_of(opened) as url, hand(chromium, url) as reader:
        assert reader.model("fixed") == [POINT]
        np.testing.assert_allclose(reader.model("points")[POINT], points[POINT], atol=0.01)
        assert [entry["action"] for entry in reader.log()] == ["moved"]


def test_unsaved_corrections_outlive_the_tab(reader):
    reader.drag(POINT, -9, 0)
    points = reader.model("points")
    reader.page.evaluate("window.onbeforeunload = null")
    reader.page.on("dialog", lambda dialog: dialog.accept())
    reader.page.reload()
    reader.ready()
    assert reader.model("points") == points
    assert reader.model("fixed") == [POINT]
    assert "not saved are here again" in reader.status()


def test_a_server_that_restarts_is_waited_for_and_nothing_is_lost(reader, client):
    client.down = True
    x, y = reader.place(POINT)
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    reader.page.mouse.move(x - 12, y, steps=4)
    reader.page.mouse.up()
    reader.until("document.getElementById('status').innerText.includes('does not answer')")
    picture(reader, "server-away")
    assert reader.model("fixed") == [POINT]
    time.sleep(0.8)
    client.down = False
    reader.ready()
    assert "Found again" in reader.status()
    np.testing.assert_allclose(reader.model("points")[32], spine_samples.corners()[32], atol=0.1)


def test_a_page_whose_own_server_is_gone_says_so_and_goes_on_after_its_return(chromium, tmp_path, client):
    with bench(tmp_path, client) as opened:
        with page_of(opened) as url:
            port = int(url.rsplit(":", 1)[1].split("/")[0])
            context = hand(chromium, url)
            reader = context.__enter__()
        x, y = reader.place(POINT)
        reader.page.mouse.move(x, y)
        reader.page.mouse.down()
        reader.page.mouse.move(x - 12, y, steps=4)
        reader.page.mouse.up()
        reader.until("document.getElementById('status').innerText.includes('does not answer')")
        with page_of(opened, port):
            reader.ready()
            assert "Found again" in reader.status()
            assert reader.model("fixed") == [POINT]
            context.__exit__(None, None, None)


def test_a_laptop_that_sleeps_during_a_drag_loses_no_correction(chromium, tmp_path, client):
    """The network goes while a corner is dragged; the page's own server is started again before it comes back."""
    with bench(tmp_path, client) as opened:
        with page_of(opened) as url:
            port = int(url.rsplit(":", 1)[1].split("/")[0])
            context = hand(chromium, url)
            reader = context.__enter__()
            reader.drag(60, -9, 0)
            reader.drag(POINT, -6, 0, release=False)
            reader.page.context.set_offline(True)
        reader.page.mouse.move(
            *np.subtract(reader.page.evaluate(f"window.scanserveSpine.screen({POINT})"), (6, 0))
        )
        reader.page.mouse.up()
        reader.until("document.getElementById('status').innerText.includes('does not answer')")
        reader.drag(4, 7, 0, answered=False)
        places = [reader.model("points")[point] for point in (4, POINT, 60)]
        picture(reader, "asleep")
        with page_of(opened, port):
            reader.page.context.set_offline(False)
            reader.ready()
            assert "Found again" in reader.status()
            assert sorted(reader.model("fixed")) == [4, POINT, 60]
            assert [reader.model("points")[point] for point in (4, POINT, 60)] == places
            reader.page.get_by_role("button", name="Save").click()
            reader.until("!window.scanserveSpine.unsaved")
            context.__exit__(None, None, None)
    result = saved(tmp_path / "out")
    assert np.flatnonzero(result.fixed).tolist() == [4, POINT, 60]
    np.testing.assert_allclose(result.points[[4, POINT, 60]], places, atol=0.01)
    assert [item.point for item in result.corrections] == [60, POINT, 4]


def test_a_save_that_a_sleep_cuts_off_is_made_after_it(chromium, tmp_path, client):
    with bench(tmp_path, client) as opened, page_of(opened) as url, hand(chromium, url) as reader:
        reader.drag(POINT, -9, 0)
        reader.page.context.set_offline(True)
        reader.page.get_by_role("button", name="Save").click()
        reader.until("document.getElementById('status').innerText.includes('saving again')")
        assert reader.page.evaluate("window.scanserveSpine.unsaved")
        reader.page.context.set_offline(False)
        reader.until("!window.scanserveSpine.unsaved")
    assert np.flatnonzero(saved(tmp_path / "out").fixed).tolist() == [POINT]


def test_what_is_saved_before_the_others_have_followed_is_saved_again_with_them(reader, client, film):
    client.down = True
    reader.drag(POINT, -9, 0, answered=False)
    reader.until("document.getElementById('status').innerText.includes('does not answer')")
    reader.page.get_by_role("button", name="Save").click()
    reader.until("window.scanserveSpine.version === 2")
    assert np.flatnonzero(saved(film[2]).fixed).tolist() == [POINT]
    client.down = False
    reader.ready()
    reader.until("window.scanserveSpine.version === 3 && !window.scanserveSpine.unsaved")
    np.testing.assert_allclose(saved(film[2]).points, reader.model("points"), atol=0.01)
    np.testing.assert_allclose(reader.model("points")[32], spine_samples.corners()[32], atol=0.1)


def test_two_tabs_do_not_overwrite_each_other(chromium, film):
    _, url, out = film
    with hand(chromium, url) as first:
        second_page = first.page.context.new_page()
        second_page.goto(url)
        second = type(first)(second_page).ready()
        first.drag(POINT, -9, 0)
        second.drag(60, -9, 0)
        first.page.get_by_role("button", name="Save").click()
        first.until("!window.scanserveSpine.unsaved")
        second.page.get_by_role("alert").get_by_text("saved elsewhere").wait_for()
        picture(second, "two-tabs")
        second.page.get_by_role("button", name="Keep mine").click()
        second.until("!window.scanserveSpine.unsaved")
        assert np.flatnonzero(saved(out).fixed).tolist() == [60]
        first.until("window.scanserveSpine.model.fixed.has(60)")
        assert first.model("fixed") == [60]


def test_one_finger_drags_a_corner(chromium, film):
    with hand(chromium, film[1], has_touch=True) as reader:
        x, y = reader.place(POINT)
        before = np.array(reader.model("points")[POINT])
        reader.touch((x + 8, y), (x - 16, y + 12))
        assert reader.model("fixed") == [POINT]
        moved = (np.array(reader.model("points")[POINT]) - before) * reader.scale()
        np.testing.assert_allclose(moved, [-24, 12], atol=1)


def test_the_page_asks_nobody_but_its_own_server(chromium, film):
    context = chromium.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(film[1])
    Hand(page).ready()
    origin = film[1].split("?")[0]
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
    context.close()


def test_without_the_token_nothing_is_shown(chromium, film):
    context = chromium.new_context()
    page = context.new_page()
    answer = page.goto(film[1].split("?")[0])
    assert answer.status == 401
    assert "scanserve spine --edit" in page.inner_text("body")
    context.close()


def test_a_narrow_screen_shows_film_and_panel(chromium, film):
    with hand(chromium, film[1]) as reader:
        reader.page.set_viewport_size({"width": 400, "height": 800})
        reader.page.get_by_role("button", name="Save").scroll_into_view_if_needed()
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= 400
        picture(reader, "narrow")
