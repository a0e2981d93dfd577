"""Shared by all tests: where real data may lie, and which tests this machine cannot run."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanserve.contracts import SetupError  # first: it keeps libraries from phoning home
from scanserve.server import runtime

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real medical data beside the checkout (never part of it); tests that need it skip without it."""
    folder = Path(os.environ.get("SCANSERVE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data beside the checkout")
    return folder


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; decided once, so that whatever fails later is a failure."""
    reasons = {"live": _no_server(), "torch": _no_torch()}
    for item in items:
        for marker, reason in reasons.items():
            if reason and marker in item.keywords:
                item.add_marker(pytest.mark.skip(reason=reason))


def _no_server() -> str:
    """Why no embedded tritonserver can be started here; "" where it can."""
    try:
        runtime.find_runtime()
    except SetupError as error:
        return error.message
    return ""


def _no_torch() -> str:
    return "" if importlib.util.find_spec("torch") else "needs torch"
