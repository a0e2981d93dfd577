import io

from rich.console import Console

from scanserve.client.runs.bars import ProgressBars


def test_a_bar_for_the_whole_run_and_one_for_each_part():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with ProgressBars(console, whole="all phases") as bars:
        bars("", "headers", 0.1)
        bars("40 %", "reading", 0.0)
        bars("40 %", "done", 1.0)
    last = console.file.getvalue().rsplit("all phases", 1)[1]
    assert "10 %" in last
    assert "headers" in last
    assert "40 %" in last
    assert "done" in last
    assert "reading" not in last


def test_a_quiet_console_stays_so():
    console = Console(file=io.StringIO(), quiet=True)
    with ProgressBars(console, whole="all phases") as bars:
        bars("", "headers", 0.1)
    assert console.file.getvalue() == ""


def test_a_part_is_drawn_as_it_is_written_and_nothing_in_it_is_obeyed():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with ProgressBars(console, whole="all phases") as bars:
        bars("[red]\x1b[2J", "reading", 0.5)
    assert r"[red]\x1b[2J" in console.file.getvalue()
