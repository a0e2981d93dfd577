"""Runs a function in a process whose memory and time are bounded."""

import resource
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def in_bounds(function, *, memory_bytes, seconds):
    """What ``function`` (picklable, without arguments) returns.

    Raises:
        MemoryError: it wanted more memory than ``memory_bytes``.
        TimeoutError: it took longer than ``seconds``.
    """
    limits = (resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    pool = ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=resource.setrlimit, initargs=limits
    )
    try:
        return pool.submit(function).result(timeout=seconds)
    finally:
        for process in list(pool._processes.values()):
            process.kill()
        pool.shutdown(cancel_futures=True)
