"""Whatever a server makes is for its owner alone.  Standard library only: the guardian uses it.

Triton 2.51 makes its python stubs' shared-memory regions with mode 0644, and sets that mode once more right after,
past any umask: a volume in them could be read by every local user.  A watcher that corrects the mode comes too late
for a reader who waits for the name.  So the kernel is told to leave out exactly that call, for the server and for all
that it starts: ``fchmod`` that would let others in answers success and changes nothing.  With a umask of 077 a file
is private from its first moment.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

__all__ = ["PRIVATE_UMASK", "keep_private"]

PRIVATE_UMASK = 0o077
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_NO_NEW_PRIVS = 38
_SYS_SECCOMP, _SYS_FCHMOD = 317, 91  # x86-64, the one processor that the server's wheel is built for
_SECCOMP_SET_MODE_FILTER = 1
#: Without this flag kernels before 5.16 slow a filtered process's arithmetic down (speculative store bypass).
_SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4
_AUDIT_ARCH_X86_64 = 0xC000_003E
_RET_ALLOW, _RET_SUCCESS = 0x7FFF_0000, 0x0005_0000  # the second is "error number 0"

#: Classic BPF over ``seccomp_data``: number at 0, architecture at 4, low half of the second argument at 24.
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_PROGRAM = (
    (_LOAD, 0, 0, 4),
    (_EQUAL, 0, 5, _AUDIT_ARCH_X86_64),
    (_LOAD, 0, 0, 0),
    (_EQUAL, 0, 3, _SYS_FCHMOD),
    (_LOAD, 0, 0, 24),
    (_ANY_BIT, 0, 1, PRIVATE_UMASK),
    (_RETURN, 0, 0, _RET_SUCCESS),
    (_RETURN, 0, 0, _RET_ALLOW),
)


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def keep_private() -> None:
    """Let this process, and all that it starts, make no file that others may read; it cannot be undone.

    Raises:
        OSError: where the kernel takes no such filter.
    """
    os.umask(PRIVATE_UMASK)
    if platform.machine() != "x86_64":
        raise OSError(f"there is no filter of system calls for the processor {platform.machine()}")
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in _PROGRAM)
    program = _Program(len(_PROGRAM), code)
    _checked(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(
        _LIBC.syscall(
            _SYS_SECCOMP, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_SPEC_ALLOW, ctypes.byref(program)
        )
    )


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the kernel takes no filter of system calls: {os.strerror(number)}")
