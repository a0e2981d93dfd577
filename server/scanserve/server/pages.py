"""Large pages for processes that fill large arrays.

Memory that is new is mapped page by page, and each page costs a microsecond or more in a virtual machine.  With pages
of 2 MiB the stubs of coronary CT take 113 thousand such steps for their canaries instead of 447 thousand, and the gate
puts together a message of 134 MB in less than half the time.
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
