"""Hosts on disk, made once by worker processes."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy.typing as npt

from scanserve.contracts import SetupError
from scanserve.phantoms import ccta as phantom
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta.hosts.listing import HostEntry, Hosts, read_hosts

__all__ = ["host_bank"]


def host_bank(cache: Path, folder: Path) -> Bank:
    """The hosts of ``folder``, see :func:`~scanserve.training.ccta.hosts.making.make_host`.

    Where all of them are in the cache, nothing but ``hosts.json`` is read of ``folder``.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    hosts = read_hosts(folder)
    name = f"hosts-{_digest(hosts)}-{fingerprint(phantom, sys.modules[__name__.rpartition('.')[0]])}"
    return Bank(cache / name, 0, len(hosts.hosts), partial(_make, folder=folder, entries=hosts.hosts))


def _digest(hosts: Hosts) -> str:
    return hashlib.sha256(json.dumps(asdict(hosts)).encode("utf-8")).hexdigest()[:12]


def _make(number: int, *, folder: Path, entries: tuple[HostEntry, ...]) -> dict[str, npt.NDArray]:
    """Make a host; the readers of DICOM are imported where one is missing, and only there.

    Raises:
        SetupError: code ``module-missing`` without them.
    """
    try:
        from scanserve.training.ccta.hosts.making import make_host
    except ModuleNotFoundError as error:
        raise SetupError(
            "module-missing",
            f"the CTs of --hosts must be prepared in --cache here: making them needs the module {error.name!r}, "
            "which is not installed.",
        ) from error
    return make_host(folder, entries[number])
