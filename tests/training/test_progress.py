from __future__ import annotations

import io

from rich.console import Console

from scanserve.training.progress import EVERY, followed


def test_a_log_gets_a_line_now_and_then() -> None:
    text = io.StringIO()
    with followed(Console(file=text)) as (prepared, stepped):
        for done in range(1, 8):
            prepared(done, 7)
        for done in range(1, 2 * EVERY + 2):
            stepped(done, 2 * EVERY + 1, {"total": 0.25})
    assert text.getvalue().splitlines() == [
        "samples 7/7",
        *(f"step {done}/{2 * EVERY + 1}, loss 0.2500" for done in (EVERY, 2 * EVERY, 2 * EVERY + 1)),
    ]


def test_steps_that_were_dropped_are_counted() -> None:
    text = io.StringIO()
    with followed(Console(file=text)) as (_, stepped):
        for done in range(1, EVERY + 1):
            stepped(done, EVERY, {"total": 0.25, "dropped": float(done < 3)})
    assert text.getvalue() == f"step {EVERY}/{EVERY}, loss 0.2500, 2 dropped (no finite gradient)\n"


def test_a_terminal_gets_bars() -> None:
    text = io.StringIO()
    with followed(Console(file=text, force_terminal=True, width=100)) as (prepared, stepped):
        prepared(3, 3)
        stepped(1, 2, {"total": 0.5})
    assert "3/3" in text.getvalue()
    assert "loss 0.5000" in text.getvalue()
