import errno
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts.sharedmemory import ALIGNMENT, DIRECTORY, SharedBlock, offsets

PREFIX = "scanserve-test-"
pytestmark = pytest.mark.skipif(not DIRECTORY.is_dir(), reason="no POSIX shared memory here")


@pytest.fixture
def block():
    made = SharedBlock(PREFIX, 4096)
    yield made
    made.unlink()
    made.close()


def test_block_is_private_to_this_user(block):
    assert (DIRECTORY / block.name).stat().st_mode & 0o777 == 0o600


def test_what_is_written_is_what_another_process_would_read(block):
    block.memory[:5] = b"hello"
    assert (DIRECTORY / block.name).read_bytes()[:5] == b"hello"


def test_memory_outlives_its_name(block):
    block.unlink()
    block.unlink()
    block.memory[:1] = b"x"
    assert not (DIRECTORY / block.name).exists()
    assert bytes(block.memory[:1]) == b"x"


def test_names_differ_and_are_the_keys(block):
    other = SharedBlock(PREFIX, 4096)
    other.unlink()
    other.close()
    assert other.name != block.name
    assert block.name.startswith(PREFIX)
    assert block.key == f"/{block.name}"


def test_closing_waits_for_a_view_in_use(block):
    view = block.memory
    block.close()
    assert view[0] == 0
    del view
    gc.collect()


def test_no_memory_is_an_error_and_leaves_no_name(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    before = set(DIRECTORY.glob("scanserve-*"))
    with pytest.raises(OSError, match="No space"):
        SharedBlock(PREFIX, 4096)
    assert set(DIRECTORY.glob("scanserve-*")) <= before


@given(st.lists(st.integers(0, 500), min_size=1))
def test_tensors_lie_aligned_and_one_after_another(sizes):
    starts = offsets(sizes)
    assert starts[0] == 0
    assert all(start % ALIGNMENT == 0 for start in starts)
    for start, size, following in zip(starts, sizes, starts[1:], strict=False):
        assert 0 <= following - (start + size) < ALIGNMENT
