"""A process beside this one that makes studies, and ends with it however this one ends."""

from __future__ import annotations

import ctypes
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

__all__ = ["study_maker"]

#: Linux: the signal that a process gets when its parent dies (``prctl(2)``).
_PR_SET_PDEATHSIG = 1


def study_maker() -> ProcessPoolExecutor:
    """An executor of one process; the kernel ends that process when this one is killed."""
    return ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=_end_with_parent, initargs=(os.getpid(),)
    )


def _end_with_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)
