"""Shared by all tests: where real data may lie, and which tests this machine cannot run."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

import scanserve.contracts  # noqa: F401 - before any test imports a library that would phone home

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs an extra that is not installed."""
    needs = {"live": "pytriton", "torch": "torch"}
    for marker, package in needs.items():
        if importlib.util.find_spec(package) is None:
            for item in items:
                if marker in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=f"needs {package}"))
