"""How the C library's allocator treats large blocks in the processes of a server.

A block above its threshold comes from the kernel as new pages and goes back when it is freed, so that every request
pays anew for each page that it touches: some microseconds each on a virtual machine, 26,000 of them per CT volume for
the tensors that pass between the models of an ensemble.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LARGE_PAGES", "REUSED_BLOCKS", "with_tunables"]

_MIB = 1 << 20
_VARIABLE = "GLIBC_TUNABLES"

#: For the gate, which puts messages together: of 134 MB in less than half the time in pages of 2 MiB.  Each arena keeps
#: what a large message left in it; by default there are eight for each processor.  Triton and its stubs do without
#: large pages: where memory is in pieces, finding them costs more than it saves, and a server is ready later.
LARGE_PAGES: Mapping[str, int] = {"hugetlb": 1, "arena_max": 2}
#: For Triton and its stubs: tensors between models (at most 50 MB) are written where the last request's were.  Volumes
#: lie above the threshold, and what is free above the second one is given back.  An arena that is not the first holds
#: no block of such sizes, so there is one.
REUSED_BLOCKS: Mapping[str, int] = {"mmap_threshold": 64 * _MIB, "trim_threshold": 256 * _MIB, "arena_max": 1}


def with_tunables(environment: Mapping[str, str], tunables: Mapping[str, int]) -> dict[str, str]:
    """``environment`` with tunables of glibc's ``malloc``, by name; the user's own come first and are kept.

    Example:
        >>> with_tunables({"GLIBC_TUNABLES": "glibc.malloc.perturb=1"}, {"hugetlb": 1})
        {'GLIBC_TUNABLES': 'glibc.malloc.perturb=1:glibc.malloc.hugetlb=1'}
    """
    others = environment.get(_VARIABLE)
    added = [f"glibc.malloc.{name}={value}" for name, value in tunables.items()]
    return {**environment, _VARIABLE: ":".join([*([others] if others else []), *added])}
