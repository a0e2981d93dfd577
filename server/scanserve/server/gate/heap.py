"""The C library's heap: messages of megabytes must not stay in it after they have gone."""

from __future__ import annotations

import contextlib
import ctypes

__all__ = ["configure", "trim"]

_LIBC = ctypes.CDLL(None)
#: Names of ``mallopt`` in glibc, and what is set: pieces of 256 KiB and more come from the kernel and go back to
#: it at once, and few threads have heaps of their own.
_SETTINGS = {-3: 256 << 10, -8: 2}


def configure() -> None:
    """Set the heap up, before it is used much; where the C library is another one, nothing happens."""
    with contextlib.suppress(AttributeError):
        for name, value in _SETTINGS.items():
            _LIBC.mallopt(name, value)


def trim() -> None:
    """Give free memory back to the system."""
    with contextlib.suppress(AttributeError):
        _LIBC.malloc_trim(0)
