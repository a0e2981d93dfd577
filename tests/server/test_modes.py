from __future__ import annotations

import json
import stat
import subprocess
import sys

import pytest

from scanserve.server import modes

_PROGRAM = """
import json, os, subprocess, sys
from scanserve.server import modes
os.umask(0)
modes.keep_private()
made = {}
def make(name, mode, changes=()):
    descriptor = os.open(name, os.O_CREAT | os.O_RDWR, mode)
    for change in changes:
        os.fchmod(descriptor, change)
    made[name] = os.fstat(descriptor).st_mode
if sys.argv[1:]:
    make("of a child", 0o666, [0o644])
else:
    make("as Triton makes a region", 0o644, [0o644])
    make("stricter", 0o600, [0o400])
    make("looser and back", 0o600, [0o666, 0o600])
    os.mkdir("folder")
    made["folder"] = os.stat("folder").st_mode
    done = subprocess.run([sys.executable, __file__, "child"], capture_output=True, text=True, check=True)
    made.update(json.loads(done.stdout))
print(json.dumps(made))
"""


def test_nothing_is_made_that_others_may_read(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {name: oct(stat.S_IMODE(mode)) for name, mode in json.loads(done.stdout).items()} == {
        "as Triton makes a region": "0o600",
        "stricter": "0o400",
        "looser and back": "0o600",
        "folder": "0o700",
        "of a child": "0o600",
    }


@pytest.mark.parametrize("machine", ["aarch64", "ppc64le"])
def test_another_processor_is_refused(monkeypatch, machine):
    monkeypatch.setattr(modes.platform, "machine", lambda: machine)
    monkeypatch.setattr(modes.os, "umask", lambda mask: None)
    with pytest.raises(OSError, match=machine):
        modes.keep_private()


def test_a_kernel_that_refuses_is_reported(monkeypatch):
    """A filter is never half set: the guardian ends with this reason, and no server is started."""
    monkeypatch.setattr(modes.os, "umask", lambda mask: None)
    monkeypatch.setattr(modes, "_PR_SET_NO_NEW_PRIVS", -1)
    with pytest.raises(OSError, match=r"takes no filter of system calls: Invalid argument"):
        modes.keep_private()
