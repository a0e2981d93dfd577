import os

import pytest

from scanserve.client.transport.sharedmemory import Region
from scanserve.contracts.sharedmemory import DIRECTORY

pytestmark = pytest.mark.skipif(not DIRECTORY.is_dir(), reason="no POSIX shared memory here")


def test_a_region_names_its_process_and_may_be_given_back_at_first():
    region = Region(4096)
    region.unlink()
    region.close()
    assert region.name.startswith(f"scanserve-{os.getpid()}-")
    assert not region.doubtful
