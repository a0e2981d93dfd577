"""How right the served models are on many phantom studies; ``scanserve perf accuracy``.

What a study is belongs to the applications: ``scanserve.perf.<application>`` has ``STUDIES``.  While the server
works on one study, the next is made in a process of its own; the images are deleted as soon as they are analysed.
A study that cannot be analysed counts as a miss.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanserve.contracts import InputError, ResultError, find_application, part
from scanserve.evaluation.application import find_evaluate
from scanserve.evaluation.studies import RESULT, TRUTH, Pair, find_pairs
from scanserve.perf.accuracyreport import Measured, Target, write_accuracy
from scanserve.perf.maker import study_maker

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["Studies", "analysed", "find_studies", "kept_pairs", "made", "measure_accuracy"]


@dataclass(frozen=True)
class Studies:
    """What an application brings to be measured.

    ``write(seed, folder)`` makes a study with its ``truth.json``.  ``analyse(study, result, server)`` writes the file
    ``result``, and raises InputError or ResultError where the study cannot be analysed.  ``described`` says what the
    studies are, ``targets`` are bounds on their figures, and ``draw(report, pairs, folder)``, if given, writes pictures
    of the errors.  ``write`` is found by name in another process.
    """

    write: Callable[[int, Path], None]
    analyse: Callable[[Path, Path, Embedded], None]
    first_seed: int
    described: str
    targets: tuple[Target, ...]
    draw: Callable[[Any, Sequence[Pair], Path], object] | None = None


def find_studies(application: str) -> Studies:
    """What the application of that name brings.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` for one that brings none.
    """
    return part("perf", application, "STUDIES").STUDIES


def measure_accuracy(
    application: str, count: int, out: Path, *, first_seed: int | None = None, keep: Path | None = None
) -> Iterator[str]:
    """Make, analyse and evaluate ``count`` studies; yields a line per study and per target.

    Writes ``accuracy.json``, ``accuracy.md`` and ``accuracy.png`` into ``out`` when all are done, and the
    application's pictures of its errors.

    Args:
        application: its name, such as ``ccta``.
        count: how many studies.
        out: where the figures go.
        first_seed: of the studies; the application's test seeds without.
        keep: a folder for each study's truth and result.  What is there already is not made again, so a run that
            was broken off goes on; empty it when models or phantoms change.

    Raises:
        InputError: code ``unknown-application``.
        ServerError: the server cannot be started, or is lost.
    """
    first = find_studies(application).first_seed if first_seed is None else first_seed
    seeds = range(first, first + count)
    with tempfile.TemporaryDirectory(prefix="scanserve-accuracy-") as scratch:
        results = keep or Path(scratch, "results")
        failures, repository = yield from _analyse(application, seeds, results, Path(scratch))
        yield "evaluating"
        measured = _evaluate(application, seeds, failures, results, repository, out)
    yield from (str(check) for check in measured.checks())


def _analyse(
    application: str, seeds: range, results: Path, scratch: Path
) -> Generator[str, None, tuple[dict[int, str], Path]]:
    """Analyse what ``results`` lacks; a line per study.  Returns why studies failed, and the model repository."""
    failures = {}
    with _server(application) as server:
        for seed, failure in _results(find_studies(application), seeds, results, scratch, server):
            if failure:
                failures[seed] = failure
            yield f"study {seed}: {failure or 'analysed'}"
        return failures, Path(server.model_repository)


def _evaluate(
    application: str, seeds: range, failures: Mapping[int, str], results: Path, repository: Path, out: Path
) -> Measured:
    """Evaluate ``results``; write the figures and the application's pictures of its errors into ``out``."""
    studies, pairs = find_studies(application), kept_pairs(results, seeds)
    report = find_evaluate(application)(pairs)
    measured = Measured(application, tuple(seeds), studies.described, failures, report, studies.targets)
    write_accuracy(out, measured, repository)
    if studies.draw:
        studies.draw(report, pairs, out)
    return measured


def _results(
    studies: Studies, seeds: range, results: Path, scratch: Path, server: Embedded
) -> Iterator[tuple[int, str]]:
    """Truth and result of every seed in ``results/<seed>``; yields the seed and why there is no result, or ""."""
    missing = [seed for seed in seeds if not (results / str(seed) / RESULT).is_file()]
    for seed, folder in made(studies, missing, scratch):
        yield seed, analysed(studies, folder, results / str(seed), server)


def kept_pairs(results: Path, seeds: Sequence[int]) -> tuple[Pair, ...]:
    """The kept truths and results of ``seeds``; one without a result is a miss."""
    wanted = {str(seed) for seed in seeds}
    return tuple(pair for pair in find_pairs(results, results).studies if pair.name in wanted)


def made(studies: Studies, seeds: Sequence[int], scratch: Path) -> Iterator[tuple[int, Path]]:
    """Each seed and the folder of its study, deleted afterwards; the next is made in another process meanwhile."""
    with study_maker() as maker:
        folders = {seed: scratch / str(seed) for seed in seeds}
        upcoming = {seed: maker.submit(studies.write, seed, folders[seed]) for seed in seeds[:1]}
        for number, seed in enumerate(seeds):
            upcoming[seed].result()
            for after in seeds[number + 1 : number + 2]:
                upcoming[after] = maker.submit(studies.write, after, folders[after])
            yield seed, folders[seed]
            shutil.rmtree(folders[seed])


def analysed(studies: Studies, study: Path, target: Path, server: Embedded) -> str:
    """Keep the truth, and the result if there is one; why there is none, or ""."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(study / TRUTH, target / TRUTH)
    try:
        studies.analyse(study, target / RESULT, server)
    except (InputError, ResultError) as error:
        return f"{error.code}: {error.message}"
    return ""


def _server(application: str) -> AbstractContextManager[Embedded]:
    from scanserve.server import Embedded

    return Embedded(models=find_application(application).models)
