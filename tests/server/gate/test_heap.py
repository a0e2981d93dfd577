from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import resource
from pathlib import Path
from scanserve.server.gate import heap
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20
heap.configure()
before = resident()
kept = [bytearray(1 << 20) for _ in range(300)]
full = resident()
del kept[1::2], kept[:]
heap.trim()
print(full - before, resident() - before)
"""


def test_what_has_gone_goes_back_to_the_system():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=Path("/")
    )
    full, after = map(int, done.stdout.split())
    assert full >= 290
    assert after <= 10
