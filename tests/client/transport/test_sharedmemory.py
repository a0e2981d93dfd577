import errno
import gc

import pytest

from scanserve.client.transport.sharedmemory import DIRECTORY, Region

pytestmark = pytest.mark.skipif(not DIRECTORY.is_dir(), reason="no POSIX shared memory here")


@pytest.fixture
def region():
    made = Region(4096)
    yield made
    made.unlink()
    made.close()


def test_region_is_private_to_this_user(region):
    assert (DIRECTORY / region.name).stat().st_mode & 0o777 == 0o600


def test_what_is_written_is_what_another_process_would_read(region):
    region.memory[:5] = b"hello"
    assert (DIRECTORY / region.name).read_bytes()[:5] == b"hello"


def test_memory_outlives_its_name(region):
    region.unlink()
    region.unlink()
    region.memory[:1] = b"x"
    assert not (DIRECTORY / region.name).exists()
    assert bytes(region.memory[:1]) == b"x"


def test_names_differ(region):
    other = Region(4096)
    other.unlink()
    other.close()
    assert other.name != region.name


def test_closing_waits_for_a_view_in_use(region):
    view = region.memory
    region.close()
    assert view[0] == 0
    del view
    gc.collect()


def test_no_memory_is_an_error_and_leaves_no_name(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    before = set(DIRECTORY.glob("scanserve-*"))
    with pytest.raises(OSError, match="No space"):
        Region(4096)
    assert set(DIRECTORY.glob("scanserve-*")) <= before
