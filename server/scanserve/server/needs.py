"""What a server needs of its machine, compared with what is there before anything is started.

Symbols: S python stubs (one per model that is no ensemble), P processors of this process.  The numbers are those of
Triton 2.51, measured with 1, 5, 10 and 15 stubs on one and two processors.
"""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from scanserve.contracts import ModelSpec, ServerError, TensorSpec
from scanserve.server.allocator import REUSED_BLOCKS
from scanserve.server.options import SHM_START_BYTES
from scanserve.server.shm import SHM

__all__ = [
    "CANARY_SIZES",
    "OTHER_SIZE",
    "VOLUME_SIZES",
    "Needs",
    "check_machine",
    "has_room_for_canaries",
    "shared_memory_bytes",
]

log = logging.getLogger(__name__)

#: Sizes of dynamic axes in a canary's input, by name; every other dynamic axis has :data:`OTHER_SIZE`.
CANARY_SIZES: Mapping[str, int] = {"z": 32, "y": 48, "x": 48}
OTHER_SIZE = 24
#: The same for a clinical volume: 512 x 512 x 256 voxels.
VOLUME_SIZES: Mapping[str, int] = {"z": 256, "y": 512, "x": 512}

_MIB = 1 << 20
#: tritonserver's threads: S * 36 that hand requests to stubs, and 27 for its ports and itself.
_THREADS, _THREADS_PER_STUB = 27, 36
#: A stub's own, and two per processor for its engine.
_STUB_THREADS, _STUB_THREADS_PER_PROCESSOR = 4, 2
#: Guardian, gate (10), shells that start stubs, and the threads of whoever asks for inferences.
_SPARE_THREADS = 32
#: tritonserver opens 63 and one per stub; the rest is for connections.
_DESCRIPTORS, _SPARE_DESCRIPTORS = 63, 64
#: Address space: programs and libraries, a stack per thread, and the most that the C library keeps for reuse.
_PROGRAM_BYTES, _STACK_BYTES, _MOST_KEPT_BYTES = 112 * _MIB, 8 * _MIB, REUSED_BLOCKS["trim_threshold"]


@dataclass(frozen=True)
class Needs:
    """What serving ``models`` takes, on ``processors`` processors."""

    models: Sequence[ModelSpec]
    processors: int

    @property
    def stubs(self) -> int:
        """One process per model; an ensemble has none."""
        return sum(spec.kind != "ensemble" for spec in self.models)

    @property
    def server_threads(self) -> int:
        """Threads of tritonserver alone."""
        return _THREADS + _THREADS_PER_STUB * self.stubs

    @property
    def threads(self) -> int:
        """Threads of all processes together; the kernel counts them as processes of the user."""
        per_stub = _STUB_THREADS + _STUB_THREADS_PER_PROCESSOR * self.processors
        return self.server_threads + per_stub * self.stubs + _SPARE_THREADS

    @property
    def descriptors(self) -> int:
        """Descriptors that tritonserver opens."""
        return _DESCRIPTORS + self.stubs + _SPARE_DESCRIPTORS

    @property
    def address_bytes(self) -> int:
        """Address space of tritonserver, the largest of the processes; it maps the regions of all stubs."""
        regions = shared_memory_bytes(self.models, VOLUME_SIZES)
        kept = min(_MOST_KEPT_BYTES, regions)
        return _PROGRAM_BYTES + _STACK_BYTES * self.server_threads + kept + regions


def shared_memory_bytes(models: Sequence[ModelSpec], sizes: Mapping[str, int]) -> int:
    """What the stubs keep of ``/dev/shm`` once every model has answered a request of the given ``sizes`` of axes.

    A stub's region starts with :data:`SHM_START_BYTES`, grows by every input and output of its largest request, and
    never shrinks.  An ensemble has no stub, and its members receive copies of the volumes they name: so a volume
    counts once per member that takes it.  For the models of coronary CT this gives 177 MB after the canaries, where
    182 MB were measured.
    """
    return sum(
        SHM_START_BYTES + sum(_bytes(tensor, sizes) for tensor in (*spec.inputs, *spec.outputs))
        for spec in models
        if spec.kind != "ensemble"
    )


def check_machine(models: Sequence[ModelSpec], shm: Path = SHM) -> None:
    """Compare need and room; a volume of :data:`VOLUME_SIZES` that will not fit is a warning of the log.

    Raises:
        ServerError: code ``machine-too-small``; the message says what is needed and what is there.
    """
    needs = Needs(models, len(os.sched_getaffinity(0)))
    lacking = [text for text in (_shared_memory(models, shm), *_limits(needs)) if text]
    if lacking:
        raise ServerError(
            "machine-too-small", f"a server of {needs.stubs} models cannot start here: {'; '.join(lacking)}."
        )


def has_room_for_canaries(models: Sequence[ModelSpec], shm: Path = SHM) -> bool:
    """Whether the tensors of canaries may lie in ``/dev/shm`` beside what the stubs keep of them."""
    return _free(shm) >= 2 * shared_memory_bytes(models, CANARY_SIZES)


def _least_bytes(models: Sequence[ModelSpec]) -> int:
    """What a start takes of ``/dev/shm``: the stubs' part, and the gate's copies of two messages, at most the largest.

    Two canaries are asked side by side, and the gate keeps two regions for the next messages.
    """
    messages = [sum(_bytes(tensor, CANARY_SIZES) for tensor in spec.inputs) for spec in models]
    return shared_memory_bytes(models, CANARY_SIZES) + 2 * max(messages, default=0)


def _free(shm: Path) -> int:
    room = os.statvfs(shm)
    return room.f_bavail * room.f_frsize


def _bytes(tensor: TensorSpec, sizes: Mapping[str, int]) -> int:
    shape = (sizes.get(axis.name, OTHER_SIZE) if axis.size is None else axis.size for axis in tensor.axes)
    return prod(shape) * tensor.numpy_dtype.itemsize


def _shared_memory(models: Sequence[ModelSpec], shm: Path) -> str:
    try:
        free = _free(shm)
    except OSError as error:
        return f"{shm}, through which volumes pass, cannot be used ({error.strerror})"
    least = _least_bytes(models)
    if free < least:
        return f"{shm} has {free // _MIB} MiB free of the {_mib(least)} needed (in a container: --shm-size)"
    wanted = shared_memory_bytes(models, VOLUME_SIZES)
    if free < wanted:
        volume = " x ".join(map(str, sorted(VOLUME_SIZES.values(), reverse=True)))
        needed = f"volumes of {volume} voxels need {_mib(wanted)} MiB beside what clients use"
        log.warning("%s has %d MiB free; %s", shm, free // _MIB, needed)
    return ""


def _limits(needs: Needs) -> list[str]:
    """What the limits of this process forbid, in the words of the shell's ``ulimit``.

    The guardian raises the limit of descriptors as far as it may; the others are left as they were set.
    """
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    address = resource.getrlimit(resource.RLIMIT_AS)[0]
    return [
        _short("open files", "-n", _finite(descriptors), needs.descriptors),
        _short("processes and threads", "-u", _free_threads(), needs.threads),
        _short("MiB of address space", "-v", _finite(address, _MIB), _mib(needs.address_bytes)),
    ]


def _short(what: str, option: str, there: int | None, needed: int) -> str:
    if there is None or there >= needed:
        return ""
    return f"{there} of the {needed} {what} needed are allowed (ulimit {option})"


def _finite(limit: int, unit: int = 1) -> int | None:
    return None if limit == resource.RLIM_INFINITY else limit // unit


def _free_threads() -> int | None:
    """How many more threads this user may have; None without a limit, as for root."""
    allowed = _finite(resource.getrlimit(resource.RLIMIT_NPROC)[0])
    if allowed is None or os.getuid() == 0:
        return None
    return max(0, allowed - _threads_of(os.getuid()))


def _threads_of(user: int) -> int:
    """Threads of all processes of ``user`` that are visible here."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(fields["Uid"].split()[0]) == user:
            count += int(fields["Threads"])
    return count


def _mib(count: int) -> int:
    return -(-count // _MIB)
