"""Keeping libraries quiet about odd values while files are judged here.

``warnings.catch_warnings`` is not for threads: it puts a list of filters aside and back, so that two blocks that
overlap leave the filters of the one that ended last.  Here one filter stands for the whole process.  It matches while
any thread is inside a block, and is left in place afterwards, where it matches nothing.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

__all__ = ["quiet_pydicom"]

#: Packages that speak while a file is read, decoded or written; each logs under its own name and below it.
_PACKAGES = ("pydicom", "pylibjpeg", "libjpeg", "openjpeg", "rle", "imagecodecs", "PIL")


class _Quiet:
    """Counts the blocks that are open; stands for a pattern in a filter of warnings, and is a filter of log records."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0

    def match(self, _: str) -> bool:
        """Whether the text of a warning is to be dropped, whatever it says."""
        return self._open > 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a log record is to be kept."""
        return not self._open or record.name.partition(".")[0] not in _PACKAGES

    def enter(self) -> None:
        with self._lock:
            self._open += 1
            self._put_in_place()

    def leave(self) -> None:
        with self._lock:
            self._open -= 1

    def _put_in_place(self) -> None:
        """Make sure that the filters are there and come first: others may have put theirs before them since."""
        entry, filters = ("ignore", self, Warning, None, 0), cast(list[object], warnings.filters)
        if filters[:1] != [entry]:
            filters[:] = [entry, *(other for other in filters if other != entry)]
            warnings._filters_mutated()  # type: ignore[attr-defined]
        for logger in _loggers():
            logger.addFilter(self)


def _loggers() -> Iterator[logging.Logger]:
    """The loggers of the packages: a filter of a logger does not hold for those below it."""
    names = [name for name in list(logging.root.manager.loggerDict) if name.partition(".")[0] in _PACKAGES]
    for name in {*_PACKAGES, *names}:
        yield logging.getLogger(name)


_QUIET = _Quiet()


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Drop warnings, and log lines of pydicom and its decoders, which may hold values and paths of patients.

    It holds for all threads until the last block ends, so that threads that a block starts are quiet as well.
    """
    _QUIET.enter()
    try:
        yield
    finally:
        _QUIET.leave()
