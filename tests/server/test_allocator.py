import subprocess
import sys

from scanserve.server.allocator import LARGE_PAGES, REUSED_BLOCKS, with_tunables

#: Fault in a block of 32 MiB, free it, and do it again; how many pages the second time took.
_TWICE = """
import ctypes, resource
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.memset.argtypes, libc.free.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t], [ctypes.c_void_p]
def turn():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = libc.malloc(SIZE << 20)
    libc.memset(block, 1, SIZE << 20)
    libc.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
turn()
print(turn())
"""


def test_tunables_are_named_in_full_and_the_rest_is_kept():
    assert with_tunables({"A": "1"}, {"hugetlb": 1, "arena_max": 2}) == {
        "A": "1",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=2",
    }


def test_tunables_of_the_user_come_first():
    environment = {"GLIBC_TUNABLES": "glibc.malloc.perturb=1"}
    added = with_tunables(environment, {"hugetlb": 1})["GLIBC_TUNABLES"]
    assert added == "glibc.malloc.perturb=1:glibc.malloc.hugetlb=1"
    assert environment == {"GLIBC_TUNABLES": "glibc.malloc.perturb=1"}


def test_no_tunables_is_none():
    assert with_tunables({"GLIBC_TUNABLES": ""}, {"hugetlb": 1})["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"


def test_a_freed_tensor_is_written_again_without_new_pages():
    assert _pages_of_the_second_turn(with_tunables({}, REUSED_BLOCKS), mib=32) < 100


def test_a_freed_volume_goes_back():
    assert _pages_of_the_second_turn(with_tunables({}, REUSED_BLOCKS), mib=128) > 10_000


def test_the_gate_has_few_arenas():
    assert LARGE_PAGES["arena_max"] == 2


def _pages_of_the_second_turn(environment: dict[str, str], mib: int) -> int:
    program = f"SIZE = {mib}\n{_TWICE}"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return int(done.stdout)
