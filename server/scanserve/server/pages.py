"""Large pages for a process that puts together large messages.

The gate puts together a message of 134 MB in less than half the time when its memory comes in pages of 2 MiB.  The
stubs do without: where memory is in pieces, finding such pages costs more than it saves, and a server is ready later.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["with_large_pages"]

_TUNABLES, _LARGE_PAGES = "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"


def with_large_pages(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` with the C library's tunable that asks the kernel for large pages; others are kept.

    Example:
        >>> with_large_pages({"GLIBC_TUNABLES": "glibc.malloc.perturb=1"})
        {'GLIBC_TUNABLES': 'glibc.malloc.perturb=1:glibc.malloc.hugetlb=1'}
    """
    others = environment.get(_TUNABLES)
    return {**environment, _TUNABLES: ":".join([others, _LARGE_PAGES] if others else [_LARGE_PAGES])}
