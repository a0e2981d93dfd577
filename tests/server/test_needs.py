from __future__ import annotations

import dataclasses
import logging
import os
import resource
from types import SimpleNamespace

import pytest

from scanserve.contracts import ServerError
from scanserve.contracts.ccta import CCTA, CROP, QUALITY
from scanserve.contracts.dat import DAT
from scanserve.server import needs
from scanserve.server.needs import (
    CANARY_SIZES,
    Needs,
    check_machine,
    has_room_for_canaries,
    shared_memory_bytes,
)

_MIB = 1 << 20


def with_room(monkeypatch, free):
    monkeypatch.setattr(
        needs.os, "statvfs", lambda path: SimpleNamespace(f_bavail=free, f_frsize=1, f_flag=0)
    )


def refused(models=CCTA.models):
    with pytest.raises(ServerError) as caught:
        check_machine(models)
    assert caught.value.code == "machine-too-small"
    return caught.value.message


def test_need_is_what_was_measured():
    """Triton's regions after the canaries, measured with ``du``: 182 MB (CCTA), 11 MB (DAT)."""
    assert shared_memory_bytes(CCTA.models, CANARY_SIZES) == pytest.approx(182e6, rel=0.03)
    assert shared_memory_bytes(DAT.models, CANARY_SIZES) == pytest.approx(10.5e6, rel=0.05)


def test_canaries_lie_in_shared_memory_where_all_models_still_have_their_part(monkeypatch):
    needed = shared_memory_bytes(CCTA.models, CANARY_SIZES)
    for free, enough in ((2 * needed, True), (2 * needed - 1, False)):
        with_room(monkeypatch, free)
        assert has_room_for_canaries(CCTA.models) is enough


def test_a_volume_counts_once_per_model_that_takes_it():
    sizes = {"z": 1, "y": 1, "x": 1}
    larger = {"z": 100, "y": 100, "x": 100}
    grown = shared_memory_bytes(CCTA.models, larger) - shared_memory_bytes(CCTA.models, sizes)
    assert grown == 2 * (100**3 - 1)  # one model takes the INT16 volume; the ensemble has no stub
    assert shared_memory_bytes((QUALITY,), larger) == shared_memory_bytes((QUALITY,), sizes)


def test_threads_grow_with_stubs_and_processors():
    """Measured on two processors: 203 threads of tritonserver and 38 of five stubs."""
    ccta = Needs(CCTA.models, 2)
    assert ccta.stubs == 5
    assert 203 <= ccta.server_threads <= 210
    assert 203 + 38 <= ccta.threads <= 300
    assert Needs(CCTA.models, 16).threads == ccta.threads + 5 * 2 * 14


@pytest.mark.parametrize(
    ("models", "peak"), [(DAT.models[:1], 0.55e9), (CCTA.models, 2.28e9), (DAT.models, 3.28e9)]
)
def test_address_space_covers_what_was_measured(models, peak):
    """``VmPeak`` of tritonserver on two processors, after the canaries."""
    assert peak <= Needs(models, 2).address_bytes <= 1.2 * peak


def test_too_little_shared_memory_says_need_and_room(monkeypatch):
    with_room(monkeypatch, 64 * _MIB)
    assert "a server of 5 models cannot start here: /dev/shm has 64 MiB free of the 265 needed" in refused()


def test_room_for_canaries_but_not_for_a_volume_is_a_warning(monkeypatch, caplog):
    with_room(monkeypatch, 280 * _MIB)
    with caplog.at_level(logging.WARNING):
        check_machine(CCTA.models)
    (record,) = caplog.records
    assert "/dev/shm has 280 MiB free; volumes of 512 x 512 x 256 voxels need 297 MiB" in record.getMessage()


def test_enough_room_says_nothing(monkeypatch, caplog):
    with_room(monkeypatch, 1 << 30)
    check_machine(CCTA.models)
    assert caplog.records == []


def test_no_shared_memory_at_all_is_said(tmp_path):
    with pytest.raises(ServerError, match=r"absent, through which volumes pass, cannot be used"):
        check_machine((CROP,), tmp_path / "absent")


@pytest.mark.parametrize(
    ("limit", "allowed", "said"),
    [
        (resource.RLIMIT_NOFILE, 64, r"64 of the 132 open files needed are allowed (ulimit -n)"),
        (
            resource.RLIMIT_AS,
            1 << 30,
            r"1024 of the 2321 MiB of address space needed are allowed (ulimit -v)",
        ),
        (resource.RLIMIT_NPROC, 40, r"0 of the 279 processes and threads needed are allowed (ulimit -u)"),
    ],
)
def test_a_limit_is_named_as_the_shell_names_it(monkeypatch, limit, allowed, said):
    limited = {limit: (allowed, allowed)}
    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(needs.resource, "getrlimit", lambda which: limited.get(which, infinite))
    monkeypatch.setattr(needs.os, "getuid", lambda: 1000)
    monkeypatch.setattr(needs.os, "sched_getaffinity", lambda pid: {0, 1})
    monkeypatch.setattr(needs, "_threads_of", lambda user: 50)
    assert said in refused()


def test_a_soft_limit_of_descriptors_is_raised_by_the_guardian(monkeypatch):
    infinite = resource.RLIM_INFINITY
    monkeypatch.setattr(
        needs.resource,
        "getrlimit",
        lambda which: (64 if which == resource.RLIMIT_NOFILE else infinite, infinite),
    )
    check_machine(CCTA.models)


def test_own_threads_are_counted():
    assert needs._threads_of(os.getuid()) >= 1
    assert needs._threads_of(2**31) == 0


def test_needs_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Needs(CCTA.models, 2).processors = 3
