"""Accuracy of the served models on many phantom studies; ``scanserve perf accuracy``.

The applications define their studies: ``scanserve.perf.<application>`` has ``STUDIES``.  While the server analyses one
study, another process makes the next; images are deleted as soon as they are analysed.  A study that cannot be analysed
counts as a miss.
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
from scanserve.perf.selection import Selection

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = [
    "Studies",
    "analysed",
    "find_studies",
    "kept_pairs",
    "made",
    "measure_accuracy",
    "selected_studies",
]


@dataclass(frozen=True)
class Studies:
    """The studies of an application.

    ``write(seed, folder)`` makes a study with its ``truth.json``; it must be picklable, because another process calls
    it.  ``analyse(study, result, server)`` writes the file ``result``; it raises InputError or ResultError if the
    study cannot be analysed.  ``described`` describes the studies, ``targets`` are bounds on their metrics, and
    ``draw(report, pairs, folder)``, if given, draws the errors.  ``select(selection)`` gives the studies of another
    population; None where there is only one.
    """

    write: Callable[[int, Path], None]
    analyse: Callable[[Path, Path, Embedded], None]
    first_seed: int
    described: str
    targets: tuple[Target, ...]
    draw: Callable[[Any, Sequence[Pair], Path], object] | None = None
    select: Callable[[Selection], Studies] | None = None
    compared: tuple[Target, ...] = ()


def find_studies(application: str) -> Studies:
    """The studies of the application called ``application``.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` if it has none.
    """
    return part("perf", application, "STUDIES").STUDIES


def selected_studies(application: str, selection: Selection) -> Studies:
    """The studies of the application called ``application`` in a selection.

    Raises:
        InputError: codes of :func:`find_studies`; ``one-population`` if it has no others; those of ``Studies.select``.
    """
    studies = find_studies(application)
    if selection == Selection():
        return studies
    if studies.select is None:
        raise InputError(
            "one-population",
            f"the studies of {application!r} are of one population, so that{selection.options} cannot be given.",
        )
    return studies.select(selection)


def measure_accuracy(
    application: str,
    count: int,
    out: Path,
    *,
    selection: Selection | None = None,
    first_seed: int | None = None,
    keep: Path | None = None,
) -> Iterator[str]:
    """Make, analyse and evaluate ``count`` studies, in each CT if there are CTs; yield a line per study and per target.

    When all are done, ``accuracy.json``, ``accuracy.md``, ``accuracy.png`` and the application's figures of the errors
    are written into ``out``.

    Args:
        application: name of the application, such as ``ccta``.
        count: number of studies, of each CT of the selection.
        out: folder for the output.
        selection: which studies; by default the application's own.
        first_seed: seed of the first study; by default the first test seed of the application.
        keep: a folder for truth and result of each study.  Existing results are not computed again, so an interrupted
            run can be resumed; empty it when models or phantoms change, and use another for another selection.

    Raises:
        InputError: codes of :func:`selected_studies`; ``no-study-analysed``.
        ServerError: the server cannot be started, or is lost.
    """
    chosen = selection or Selection()
    studies = selected_studies(application, chosen)
    first = studies.first_seed if first_seed is None else first_seed
    seeds = range(first, first + chosen.count(count))
    with tempfile.TemporaryDirectory(prefix="scanserve-accuracy-") as scratch:
        results = keep or Path(scratch, "results")
        failures, repository = yield from _analyse(application, studies, seeds, results, Path(scratch))
        if not any((results / str(seed) / RESULT).is_file() for seed in seeds):
            raise _none_analysed(failures)
        yield "evaluating"
        pairs = kept_pairs(results, seeds)
        report = find_evaluate(application)(pairs)
        command = f"scanserve perf accuracy {application} --studies {count}{chosen.options}"
        measured = Measured(
            application, tuple(seeds), studies.described, failures, report, studies.targets, command
        )
        write_accuracy(out, measured, repository)
        if studies.draw:
            studies.draw(report, pairs, out)
    yield from (str(check) for check in measured.checks())


def _analyse(
    application: str, studies: Studies, seeds: range, results: Path, scratch: Path
) -> Generator[str, None, tuple[dict[int, str], Path]]:
    """Analyse the studies that ``results`` lacks, with a line per study; return failures and model repository."""
    failures = {}
    with _server(application) as server:
        for seed, failure in _results(studies, seeds, results, scratch, server):
            if failure:
                failures[seed] = failure
            yield f"study {seed}: {failure or 'analysed'}"
        return failures, Path(server.model_repository)


def _none_analysed(failures: Mapping[int, str]) -> InputError:
    reasons = "; ".join(dict.fromkeys(failures.values()))
    return InputError(
        "no-study-analysed", f"none of the {len(failures)} studies could be analysed: {reasons}"
    )


def _results(
    studies: Studies, seeds: range, results: Path, scratch: Path, server: Embedded
) -> Iterator[tuple[int, str]]:
    """Write truth and result of every seed into ``results/<seed>``; yield each seed and its failure, or ""."""
    missing = [seed for seed in seeds if not (results / str(seed) / RESULT).is_file()]
    for seed, folder in made(studies, missing, scratch):
        yield seed, analysed(studies, folder, results / str(seed), server)


def kept_pairs(results: Path, seeds: Sequence[int]) -> tuple[Pair, ...]:
    """The kept truths and results of ``seeds``; a missing result is a miss."""
    wanted = {str(seed) for seed in seeds}
    return tuple(pair for pair in find_pairs(results, results).studies if pair.name in wanted)


def made(studies: Studies, seeds: Sequence[int], scratch: Path) -> Iterator[tuple[int, Path]]:
    """Yield each seed and the folder of its study, deleted afterwards; another process makes the next study."""
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
    """Store the truth, and the result if there is one; return the reason for its absence, or ""."""
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
