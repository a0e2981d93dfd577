"""What the tests of the DaTSCAN evaluation share."""

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("dat_made", Path(__file__).with_name("made.py"))
_made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_made)


@pytest.fixture(scope="session")
def dat():
    """Made-up truths and results; see made.py."""
    return _made
