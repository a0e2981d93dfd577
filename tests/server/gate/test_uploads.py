from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from scanserve.server.gate.uploads import Upload, Uploads

PREFIX = "scanserve_test_"
MIB = 1 << 20


class Triton:
    """Keeps what it has been told of."""

    def __init__(self):
        self.known = {}
        self.named = []

    async def register(self, name, key, size):
        self.named.append(Path("/dev/shm", key[1:]).stat())
        self.known[name] = size

    async def unregister(self, name):
        del self.known[name]


def uploads(triton):
    return Uploads(PREFIX, triton.register, triton.unregister)


def views(*contents):
    return [memoryview(content) for content in contents]


def left():
    return list(Path("/dev/shm").glob(f"{PREFIX}*"))


def test_contents_lie_where_they_are_said_to():
    upload = Upload(PREFIX, MIB)
    upload.unlink()
    windows = upload.write(views(b"a" * 100, b"b" * 7))
    assert [(window.region, window.offset, window.size) for window in windows] == [
        (upload.name, 0, 100),
        (upload.name, 128, 7),
    ]
    assert bytes(upload.memory[128:136]) == b"b" * 7 + b"\0"
    upload.close()


def test_regions_are_this_users_alone_nameless_and_used_again():
    async def test():
        triton = Triton()
        pool = uploads(triton)
        for _ in range(3):
            async with pool.holding(views(bytes(MIB))) as (window,):
                assert triton.known == {window.region: MIB}
                assert not left()
        assert [status.st_mode & 0o777 for status in triton.named] == [0o600]
        async with pool.holding(views(bytes(MIB))), pool.holding(views(bytes(MIB))):
            assert len(triton.known) == 2

    asyncio.run(test())


def test_idle_regions_go_back():
    async def test():
        triton = Triton()
        pool = uploads(triton)
        async with pool.holding(views(bytes(MIB))), pool.holding(views(bytes(9 * MIB))):
            await pool.trim(0.0)
            assert len(triton.known) == 2  # in use
        await pool.trim(60.0, most=1)
        assert len(triton.known) == 1
        await pool.trim(0.0)
        assert triton.known == {}

    asyncio.run(test())


def test_no_memory_is_an_error_and_leaves_nothing(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)

    async def test():
        async with uploads(Triton()).holding(views(b"x")):
            pass

    with pytest.raises(OSError, match="No space"):
        asyncio.run(test())
    assert not left()
