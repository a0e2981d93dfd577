"""A run of a profile: a given or embedded server, all loads, the verdict, the results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scanserve.contracts import InputError, ModelSpec, SetupError
from scanserve.contracts.sharedmemory import SHM_KEY_HTTP_HEADER, SHM_KEY_VARIABLE
from scanserve.perf.analyzer import Endpoint, Measurement, measure
from scanserve.perf.binary import Program, find_program
from scanserve.perf.profiles import Profile
from scanserve.perf.results import machine, model_facts, write_results
from scanserve.perf.verdict import LoadVerdict, judge

__all__ = ["embedded", "run_profile", "server_at"]

#: Triton's default HTTP port is one below its gRPC port.
_HTTP_FROM_GRPC = -1


def run_profile(
    profile: Profile,
    endpoint: Endpoint,
    out: Path,
    *,
    repository: Path | None = None,
    note: Callable[[Measurement], None] = lambda _: None,
) -> LoadVerdict:
    """Apply all loads of ``profile`` to the server and write the results into ``out``.

    Args:
        profile: the loads and their limits.
        endpoint: the server.
        out: the folder for CSV files, ``result.json``, ``verdict.md`` and ``latency.png``.
        repository: the served model repository, for hashes and parity of the models.
        note: called after each load.

    Raises:
        SetupError: see :func:`scanserve.perf.binary.find_program`.
        ResultError: code ``perf-no-result``; no ``result.json`` is written then.
    """
    out.mkdir(parents=True, exist_ok=True)
    before = machine()
    program = find_program(out / "libraries")
    measurements = [_noted(measure(program, load, endpoint, out), note) for load in profile.loads]
    verdict = judge(measurements)
    write_results(out, profile, measurements, verdict, _facts(profile, program, before, repository))
    return verdict


@contextmanager
def embedded(configuration: str, models: Sequence[ModelSpec]) -> Iterator[tuple[Endpoint, Path]]:
    """Run an embedded server of ``models`` and yield its endpoint and its model repository.

    Raises:
        SetupError: code ``extra-missing`` without the extra ``server``.
    """
    try:
        from scanserve.server import Embedded
    except ModuleNotFoundError as error:
        raise SetupError(
            "extra-missing",
            f"the package {error.name!r} is not installed; install the extra with "
            "`pip install 'scanserve[server]'`, or name a running server with --server.",
        ) from error
    with Embedded(configuration=configuration, models=models) as server:
        headers = {SHM_KEY_HTTP_HEADER: server.shared_memory_key}
        yield Endpoint(server.grpc_url, server.http_url, headers), Path(server.model_repository)


def server_at(address: str) -> Endpoint:
    """The endpoint of a running server that serves gRPC at ``HOST:PORT``.

    Raises:
        InputError: code ``server-address``.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InputError(
            "server-address", f"server must be HOST:PORT of the gRPC endpoint but is {address!r}."
        )
    key = os.environ.get(SHM_KEY_VARIABLE)
    return Endpoint(
        address, f"{host}:{int(port) + _HTTP_FROM_GRPC}", {SHM_KEY_HTTP_HEADER: key} if key else {}
    )


def _noted(measurement: Measurement, note: Callable[[Measurement], None]) -> Measurement:
    note(measurement)
    return measurement


def _facts(
    profile: Profile, program: Program, before: dict[str, object], repository: Path | None
) -> dict[str, object]:
    names = [load.model for load in profile.loads]
    models = model_facts(repository, names) if repository else {}
    return {"machine": before, "tool": program.version, "models": models}
