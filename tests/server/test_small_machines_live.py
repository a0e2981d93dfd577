"""A machine, or a limit on it, that is too small for a server is told so in a sentence, soon, and nothing stays."""

from __future__ import annotations

import os
import re
import shutil
import sys

import pytest

from tests.support.marked import run_marked

pytestmark = pytest.mark.live
#: Starting the command alone takes a second or two; a busy machine may need many times that.
SOON_S = 60.0
SERVE = (sys.executable, "-m", "scanserve.client.cli", "serve", "--application", "ccta")
#: A user of its own, whose processes no other test counts; it may read what root may.
OTHER_USER = (
    "setpriv",
    "--reuid=61234",
    "--regid=61234",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    reason = f"needs {', '.join(missing)}" if missing else "needs root"
    return pytest.mark.skipif(bool(missing) or os.geteuid() != 0, reason=reason)


def refused(home, *command, **environment):
    """The sentence with which a command ends that finds its machine too small."""
    home.chmod(0o777)
    folders = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), str(home))
    done, took, left = run_marked(command, timeout_s=300, environment={**folders, **environment})
    assert done.returncode == 4, done.stderr
    assert took < SOON_S
    assert left == {}
    (sentence,) = re.findall(r"^error \[machine-too-small\]: (.*\.)$", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr
    return sentence


def after(*mounts):
    """Run a command in a mount namespace of its own, after these ``mount`` commands."""
    return ("unshare", "--mount", "sh", "-c", " && ".join(["set -e", *mounts, 'exec "$@"']), "sh")


def small(folder, size):
    return f"mount -t tmpfs -o size={size},mode=1777 tmpfs {folder}"


@needs("unshare", "mount")
@pytest.mark.parametrize("size", ["64k", "1m", "64m", "128m"])
def test_little_shared_memory(tmp_path, size):
    sentence = refused(tmp_path, *after(small("/dev/shm", size)), *SERVE)
    assert re.search(r"/dev/shm has \d+ MiB free of the 265 needed", sentence)


@needs("unshare", "mount")
def test_just_enough_shared_memory(tmp_path):
    start = "from scanserve.server import Embedded\nfrom scanserve.contracts.ccta import CCTA\n"
    start += "with Embedded(models=CCTA.models) as server: print(server.ready)"
    command = after(small("/dev/shm", "266m"))
    done, _, left = run_marked((*command, sys.executable, "-c", start), timeout_s=300)
    assert done.stdout == "True\n", done.stderr
    assert left == {}


@needs("unshare", "mount")
def test_full_temporary_folders(tmp_path):
    """One is full, one cannot be written to, and the program may lie below either."""
    named, home = tmp_path / "named", tmp_path / "home"
    named.mkdir()
    home.mkdir()
    closed = ("mount --bind /tmp /tmp", "mount -o remount,bind,ro /tmp")
    mounts = after(
        *closed, small(named, "1m"), small(home, "8m"), small("/var/tmp", "2m"), f"chmod 777 {home}"
    )
    sentence = refused(home, *mounts, *SERVE, TMPDIR=str(named))
    assert "the server needs a temporary folder with 16 MiB free" in sentence
    assert (
        f"{named} (1 MiB free), /tmp (not a folder that may be written to), /var/tmp (2 MiB free)" in sentence
    )


@needs("prlimit")
def test_few_descriptors(tmp_path):
    sentence = refused(tmp_path, "prlimit", "--nofile=64:64", *SERVE)
    assert "64 of the 132 open files needed are allowed (ulimit -n)" in sentence


@needs("prlimit", "setpriv")
def test_few_processes(tmp_path):
    sentence = refused(tmp_path, "prlimit", "--nproc=40:40", *OTHER_USER, *SERVE)
    assert re.search(r"\d+ of the \d+ processes and threads needed are allowed \(ulimit -u\)", sentence)


@needs("prlimit")
def test_little_address_space(tmp_path):
    sentence = refused(tmp_path, "prlimit", f"--as={2 << 30}", *SERVE)
    assert re.search(r"2048 of the \d+ MiB of address space needed are allowed \(ulimit -v\)", sentence)
