"""What the tests of evaluation share."""

import pytest

from tests.support import ccta_truths as _made


@pytest.fixture(scope="session")
def made():
    """Made-up truths and results; see made.py."""
    return _made
