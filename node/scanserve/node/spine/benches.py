"""Workbenches of the jobs of a node: a film, the corners that its result holds, and the node's server to settle them.

A result that is saved takes the place of the one before, and goes to the peers again.  It is also kept beside the
results, so that an analysis that makes the result anew begins with its corrections.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy.typing as npt
from pydantic import ValidationError

from scanserve.client.runs.output import DICOM, RESULT
from scanserve.client.runs.provenance import Provenance
from scanserve.client.runs.steps import Analysed, write_out
from scanserve.client.spine.page.workbench import Workbench
from scanserve.client.spine.reader import FilmReader, Reading
from scanserve.client.spine.result import Result
from scanserve.client.spine.run import Found, Options, SpineSteps
from scanserve.client.spine.taken import Taken, take_film
from scanserve.client.transport import Client
from scanserve.contracts import InputError, ModelSpec
from scanserve.contracts.sharedmemory import SHM_KEY_VARIABLE
from scanserve.contracts.spine import SPINE
from scanserve.node.durable import write_durably
from scanserve.node.heads import read_head
from scanserve.node.outputs import returned_files
from scanserve.node.page.desk import Desk
from scanserve.node.queue import states
from scanserve.node.queue.view import Row

__all__ = ["Benches"]

#: Films that are kept at hand.
MOST = 8
#: Seconds that the server may take for one click, before the page asks again.
_TIMEOUT_S = 60.0


@dataclass
class Benches:
    """The workbenches of a node that runs; those of the latest jobs are kept."""

    desk: Desk
    _benches: dict[tuple[int, int], Workbench] = field(default_factory=dict)
    _clients: dict[str, Client] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def bench(self, job: int) -> Workbench:
        """The workbench of a job with a result.

        Raises:
            InputError: code ``no-such-job``, or what the film is refused for.
        """
        row = self.desk.node.queue.view.row(job)
        if row is None or row.application != SPINE.name or not row.result:
            raise InputError("no-such-job", f"job {job} has no result of this application.")
        with self._lock:
            key = (job, row.result)
            if key not in self._benches:
                while len(self._benches) >= MOST:
                    del self._benches[next(iter(self._benches))]
                self._benches[key] = self._open(row)
            return self._benches[key]

    def _open(self, row: Row) -> Workbench:
        out = self.desk.node.layout.result(row.job, row.result)
        result = _result_in(out)
        taken = take_film(self.desk.node.layout.study(row.digest), result)
        reading = Reading(result.points, result.peaks, result.fixed, result.box)
        options = Options(
            self.desk.node.layout.study(row.digest),
            out,
            result.network,
            force=True,
            dicom=(out / DICOM).is_dir(),
            deidentify=bool(result.deidentification),
        )
        reader = FilmReader(taken.square, taken.film.shape, SPINE.model(result.network), self._infer)
        made = Provenance(result.server, tuple(result.models))

        def write(found: Found) -> None:
            self._write(row.job, SpineSteps(options), Analysed(taken, found, made))

        return Workbench(taken, reader, Found(reading, tuple(result.corrections)), write, made.notice)

    def _write(self, job: int, steps: SpineSteps, analysed: Analysed[Taken, Found]) -> None:
        """Replace the result, keep it for later analyses of the job, and send it again where peers had it.

        Raises:
            InputError: code ``result-being-sent``.
        """
        row = self.desk.node.queue.view.row(job)
        if row is None or row.state not in states.ENDED:
            raise InputError(
                "result-being-sent", "the result is being sent or made; save again when that is done."
            )
        write_out(steps, analysed)
        node, out = self.desk.node, steps.options.out
        write_durably(node.layout.corrections(job), (out / RESULT).read_bytes())
        made = (node.digest(read_head(out / file).instance) for file in returned_files(out))
        node.queue.jobs.note_outputs(made)
        if row.result == row.generation and self.desk.sent(job):
            self.desk.retry(job)

    def _infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        return self._client().infer(spec, inputs)

    def _client(self) -> Client:
        """A client of the server that analyses use.

        Raises:
            InputError: code ``page-without-server``.
        """
        server = self.desk.node.serving.server()
        if not server.arguments:
            message = (
                "every analysis of this node starts a server of its own, so that there is none for the page."
            )
            raise InputError("page-without-server", message)
        url = server.arguments[-1]
        if url not in self._clients:
            key = server.environment.get(SHM_KEY_VARIABLE)
            self._clients[url] = Client(url, timeout_s=_TIMEOUT_S, shared_memory_key=key)
        return self._clients[url]


def _result_in(out: Path) -> Result:
    try:
        return Result.model_validate_json((out / RESULT).read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError("no-such-job", "the result of the job cannot be read.") from error
