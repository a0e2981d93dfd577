"""What the tests of the DaTSCAN evaluation share."""

import pytest

from tests.support import dat_truths as _made


@pytest.fixture(scope="session")
def dat():
    """Made-up truths and results; see made.py."""
    return _made
