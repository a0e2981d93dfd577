"""Run a command that ends when its parent does, even by SIGKILL: ``python bound.py PARENT COMMAND ...``.

The kernel is told to kill this process when its parent ends; then the command takes its place.  Standard library
only, and run by its path, so that it costs milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Become the command; 1 where the parent has ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(arguments[0]):
        return 1
    os.execvp(arguments[1], arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
