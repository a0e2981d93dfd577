"""A page of a node, and a real browser that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scanserve.node.node import Node
from scanserve.node.page.serve import PageServer
from scanserve.node.page.sessions import token_of


@contextmanager
def served(running: Node) -> Iterator[tuple[str, str]]:
    """The address of the page and its token, for the time of a block."""
    with PageServer(running) as server:
        yield server.url, token_of(server.token_file)


@contextmanager
def browser() -> Iterator:
    """Debian's Chromium; the test is skipped where it or playwright is not installed."""
    program = shutil.which("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    if program is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield opened
        finally:
            opened.close()
