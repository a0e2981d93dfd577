"""What a node adds to an analysis, and what analysing several studies at once brings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanserve.contracts import ResultError
from scanserve.perf.bench import BenchmarkRow, Turns
from scanserve.perf.noderun import NodeRun, Settings, copy_study, running_node

__all__ = ["Passage", "node_rows"]

#: Turns of a study through the node and through the command.
_TURNS = 3
#: Studies that are analysed at once, and the quiet time within which all of them become complete together.
_AT_ONCE, _TOGETHER_S = 4, 5.0
_CORES_AIM = "throughput 1.3, so 0.77"


@dataclass(frozen=True)
class Passage:
    """One study through a node: seconds from the answer to its last instance to the return of its last result.

    Attributes:
        total_s: without the quiet time, which is configured.
        noticed_s: until the study was found to be complete, without the quiet time.
        waited_s: in the queue.
        analysed_s: from the start of the analysis until its result was taken, which holds the following three.
        server_s: of that, until the server was ready; 0 where one ran.
        dicom_s: of that, writing the DICOM objects.
        inside_s: of that, the run as the application itself measures it, server and DICOM included.
        returned_s: sending the result.
    """

    total_s: float
    noticed_s: float
    waited_s: float
    analysed_s: float
    server_s: float
    dicom_s: float
    inside_s: float
    returned_s: float

    def __str__(self) -> str:
        """The parts in words; they add up to the total."""
        parts = {
            "noticing": self.noticed_s,
            "queue": self.waited_s,
            "start, links and sync": self.analysed_s - self.inside_s,
            "server start (reading overlaps)": self.server_s,
            "analysis": self.inside_s - self.server_s - self.dicom_s,
            "DICOM": self.dicom_s,
            "return": self.returned_s,
        }
        return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())


def node_rows(
    application: str, study: Path, command: Sequence[str], scratch: Path, agreement: Callable[[Any], str]
) -> Iterator[BenchmarkRow]:
    """Rows about a node that analyses ``study`` and copies of it under other UIDs.

    Args:
        application: that analyses it.
        study: folder of a study, which should be small.
        command: that analyses a folder, to which the folder, ``--out`` and ``--dicom`` are added.
        scratch: folder to work in.
        agreement: says from a parsed ``result.json`` what was found.

    Raises:
        SetupError: code ``extra-missing`` without DCMTK's tools.
        ResultError: code ``bench-failed`` where a run fails, or node and command find different things.
    """
    yield from _beside(application, study, scratch, _Command(command, scratch / "command"), agreement)
    yield _at_once(application, study, scratch, agreement)


class _Command:
    """``scanserve ccta`` or ``scanserve dat`` on a folder."""

    def __init__(self, command: Sequence[str], out: Path) -> None:
        self._command, self._out = command, out

    def __call__(self, study: Path) -> tuple[float, Path]:
        """Seconds of one run, and its result."""
        shutil.rmtree(self._out, ignore_errors=True)
        command, start = [*self._command, str(study), "--out", str(self._out), "--dicom"], time.perf_counter()
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seconds = time.perf_counter() - start
        if ended.returncode:
            last = ended.stdout.strip().splitlines()[-1:] or ["no output"]
            raise ResultError("bench-failed", f"the command ended with status {ended.returncode}: {last[0]}")
        return seconds, self._out


def _beside(
    application: str, study: Path, scratch: Path, command: _Command, agreement: Callable[[Any], str]
) -> Iterator[BenchmarkRow]:
    """One study after another through two nodes and by the command, after one that is not timed.

    One node starts a server for each study, as the command does; the other has one that runs.
    """
    found: dict[str, list[Passage]] = {"each": [], "own": []}
    seconds: list[float] = []
    with (
        running_node(scratch / "each", Settings(application, "each")) as each,
        running_node(scratch / "own", Settings(application, "own")) as own,
    ):
        for turn in range(_TURNS + 1):
            copy = copy_study(study, scratch / "copies" / str(turn), turn)
            for server, node in {"each": each, "own": own}.items():
                found[server].append(_pass(node, copy))
            spent, result = command(copy)
            seconds.append(spent)
            said = _same(agreement, [each.results()[-1], own.results()[-1], result])
    for server, title in (("each", "a server for each"), ("own", "a server that runs")):
        yield _row(f"a study in the node, {title}", found[server][1:], seconds[1:], said)


def _row(name: str, passages: Sequence[Passage], seconds: Sequence[float], said: str) -> BenchmarkRow:
    found = Turns(tuple(zip((passage.total_s for passage in passages), seconds, strict=True)))
    middle = sorted(passages, key=lambda passage: passage.total_s)[len(passages) // 2]
    against = f"the command on its folder; the node's: {middle}"
    return BenchmarkRow(name, found.ours, found.peer, "s", against, said, noise=found.noise)


def _pass(node: NodeRun, study: Path) -> Passage:
    """Send one study and wait until its result has been returned."""
    before, quiet_s = _Counts.of(node), node.settings.quiet_s
    node.send([study])
    sent = time.perf_counter()
    analysed = node.wait(lambda: _Counts.of(node).analysed > before.analysed)
    done = node.wait(lambda: node.jobs("done") > before.done)
    after = _Counts.of(node)
    timing = json.loads((node.results()[-1] / "result.json").read_text(encoding="utf-8"))["timing"]
    waited_s, analysed_s = after.waited_s - before.waited_s, after.analysed_s - before.analysed_s
    total_s = done - sent - quiet_s
    return Passage(
        total_s=total_s,
        noticed_s=analysed - sent - quiet_s - waited_s - analysed_s,
        waited_s=waited_s,
        analysed_s=analysed_s,
        server_s=_stage_s(timing, "server start"),
        dicom_s=_stage_s(timing, "dicom"),
        inside_s=timing["total_s"],
        returned_s=done - analysed,
    )


@dataclass(frozen=True)
class _Counts:
    """What a node has counted so far."""

    done: int
    analysed: float
    waited_s: float
    analysed_s: float

    @classmethod
    def of(cls, node: NodeRun) -> _Counts:
        return cls(
            node.jobs("done"),
            node.total("outcomes", "outcome", "analysed"),
            node.total("stage_seconds", "stage", "waiting"),
            node.total("stage_seconds", "stage", "analysis"),
        )


def _at_once(application: str, study: Path, scratch: Path, agreement: Callable[[Any], str]) -> BenchmarkRow:
    """Four studies by four workers, and by one, each from the start of the first to the return of the last."""
    copies = [
        copy_study(study, scratch / "copies" / "four" / str(number), number) for number in range(_AT_ONCE + 1)
    ]
    one, four = (_all(application, copies, scratch, workers=workers) for workers in (1, _AT_ONCE))
    said = _same(agreement, [*one.results, *four.results])
    busy = f"processors busy with it {one.busy:.0%} of the time one after another, {four.busy:.0%} at once"
    spent = f"{one.processor_s:.0f} s and {four.processor_s:.0f} s of processor time"
    name = f"{_AT_ONCE} studies in the node, all at once"
    against = f"one after another; {busy}; {spent}"
    return BenchmarkRow(name, four.seconds, one.seconds, "s", against, said, _CORES_AIM)


@dataclass(frozen=True)
class _Batch:
    """Several studies: wall and processor seconds from the start of the first, and their results."""

    seconds: float
    processor_s: float
    results: tuple[Path, ...]

    @property
    def busy(self) -> float:
        """Share of this machine's processors that worked for the node."""
        return self.processor_s / self.seconds / len(os.sched_getaffinity(0))


def _all(application: str, copies: Sequence[Path], scratch: Path, *, workers: int) -> _Batch:
    """All studies but the first, which starts the server."""
    settings = Settings(application, workers=workers, quiet_s=_TOGETHER_S)
    with running_node(scratch / f"node-{workers}", settings) as node:
        node.send(copies[:1])
        node.wait(lambda: node.jobs("done") == 1)
        node.send(copies[1:])
        start = node.wait(lambda: node.jobs("running") > 0)
        before = node.processor_s()
        end = node.wait(lambda: node.jobs("done") == len(copies))
        spent = node.processor_s() - before
        results = (_kept(place, scratch / f"results-{workers}") for place in node.results()[1:])
        return _Batch(end - start, spent, tuple(results))


def _kept(result: Path, folder: Path) -> Path:
    """A copy of what is compared of a result."""
    (folder / result.name).mkdir(parents=True)
    return Path(shutil.copy(result / "result.json", folder / result.name)).parent


def _same(agreement: Callable[[Any], str], results: Sequence[Path]) -> str:
    """What all results say.

    Raises:
        ResultError: code ``bench-failed`` where they differ.
    """
    said = {agreement(json.loads((place / "result.json").read_text(encoding="utf-8"))) for place in results}
    if len(said) != 1:
        raise ResultError(
            "bench-failed", f"the same images gave different results: {'; '.join(sorted(said))}"
        )
    return f"equal results: {said.pop()}"


def _stage_s(timing: Mapping[str, Any], stage: str) -> float:
    return sum(span["duration_s"] for span in timing["spans"] if span["stage"] == stage)
