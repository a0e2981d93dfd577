"""The page of a made-up film, and a browser that drags its corners."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scanserve.client.spine.page.app import build_app
from scanserve.client.spine.page.serve import open_bench, served
from scanserve.client.spine.run import Options
from tests.support import spine_samples

TOKEN = "a-token"
PATIENCE_S = 15.0
VIEWPORT = {"width": 1280, "height": 860}


@dataclass
class Hand:
    """A browser's page with the film on it, and what a reader does there."""

    page: object

    def until(self, expression, patience_s=PATIENCE_S):
        """Wait until an expression in the page is true; its policy forbids the driver's own way of waiting."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if self.page.evaluate(expression):
                return
            time.sleep(0.03)
        raise AssertionError(f"{expression} did not become true; status: {self.status()}")

    def ready(self):
        self.until("!!window.scanserveSpine && window.scanserveSpine.ready")
        return self

    def model(self, name):
        value = f"window.scanserveSpine.model.{name}"
        return self.page.evaluate(f"[...{value}.keys()]" if name == "fixed" else value)

    def log(self):
        return self.page.evaluate("window.scanserveSpine.log")

    def status(self):
        return self.page.inner_text("#status")

    def place(self, point):
        return self.page.evaluate(f"window.scanserveSpine.screen({point})")

    def scale(self):
        """CSS pixels of one pixel of the film."""
        return self.page.evaluate(
            "(() => { const m = window.scanserveSpine.model.points, s = window.scanserveSpine.screen;"
            " return (s(64)[1] - s(0)[1]) / (m[64][1] - m[0][1]); })()"
        )

    def drag(self, point, dx, dy, *, release=True, answered=True):
        """Drag a corner by CSS pixels, as a hand does: in several moves; wait until the others have followed."""
        x, y = self.place(point)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + dx / 3, y + dy / 3)
        mouse.move(x + dx, y + dy, steps=4)
        if release:
            mouse.up()
        if release and answered:
            self.ready()

    def touch(self, start, end, *, steps=5):
        """One finger from one place to another."""
        session = self.page.context.new_cdp_session(self.page)

        def send(kind, place):
            points = [] if place is None else [{"x": place[0], "y": place[1]}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        send("touchStart", start)
        for number in range(1, steps + 1):
            share = number / steps
            send("touchMove", [a + share * (b - a) for a, b in zip(start, end, strict=True)])
        send("touchEnd", None)
        self.ready()


@contextmanager
def bench(folder, client, **options) -> Iterator:
    """A workbench on the film in ``folder``/study, which is written where it is not there."""
    study = folder / "study"
    if not study.exists():
        spine_samples.write_study(study)
    connect = spine_samples.connecting(client)
    with open_bench(Options(study, folder / "out", **options), connect, "Dr Test") as opened:
        yield opened


@contextmanager
def page_of(opened, port=0) -> Iterator[str]:
    """The address of its page, with the token."""
    with served(build_app(opened, TOKEN), port) as url:
        yield f"{url}?token={TOKEN}"


@contextmanager
def hand(browser, url, **context) -> Iterator[Hand]:
    """A new browser's page at ``url``; nothing it says in its console goes unheard."""
    opened = browser.new_context(viewport=VIEWPORT, **context)
    page = opened.new_page()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url)
    yield Hand(page).ready()
    opened.close()
    assert said == []
