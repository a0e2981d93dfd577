"""Comparison of two servers on the same studies: the effect of reduced precision on the metrics of the task."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanserve.contracts import InputError, ModelSpec, find_application
from scanserve.evaluation.application import find_evaluate
from scanserve.evaluation.studies import RESULT
from scanserve.perf.accuracy import Studies, analysed, find_studies, kept_pairs, made
from scanserve.perf.accuracyreport import Target

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["Compared", "compare_repositories"]

_Figures = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Compared:
    """A metric of the task, such as ``ov (all)``, from both repositories; None if undefined.

    ``losses`` holds by how much it is worse in the second, study by study, where the first defines it; None where only
    the first does.
    """

    name: str
    first: float | None
    second: float | None
    at_most: bool
    losses: tuple[float | None, ...] = ()


def compare_repositories(
    application: str,
    count: int,
    repositories: tuple[Path, Path],
    configuration: str,
    note: Callable[[str], None] = lambda line: None,
    keep: Path | None = None,
) -> tuple[Compared, ...]:
    """Analyse ``count`` test studies with both repositories; ``note`` gets a line per study and repository.

    The metrics are those that the application compares (``Studies.compared``).

    Args:
        application: its name.
        count: number of studies.
        repositories: the model repositories, FP32 first.
        configuration: of the second.
        note: is told what happens.
        keep: a folder for truths and results, ``first`` and ``second``.  Those that are there are not computed again,
            so that an interrupted run can be resumed; empty it when models or phantoms change.

    Raises:
        InputError: code ``unknown-application`` or ``no-study-analysed``.
        ServerError: a server cannot be started, or is lost.
    """
    studies = find_studies(application)
    seeds = range(studies.first_seed, studies.first_seed + count)
    serve = partial(_embedded, configuration=configuration, models=find_application(application).models)
    with tempfile.TemporaryDirectory(prefix="scanserve-precision-") as folder:
        kept = tuple((keep or Path(folder)) / name for name in ("first", "second"))
        missing = [seed for seed in seeds if not all(map(partial(_is_there, seed), kept))]
        if missing:
            _analyse_both(studies, missing, dict(zip(kept, map(serve, repositories), strict=True)), note)
        if not any(kept[0].glob("*/result.json")):
            raise InputError("no-study-analysed", f"none of the {count} studies could be analysed in FP32.")
        first, second = (_figures(application, results, seeds) for results in kept)
        single = [tuple(_figures(application, results, [seed]) for results in kept) for seed in seeds]
    return tuple(_compared(target, first, second, single) for target in studies.compared or studies.targets)


def _is_there(seed: int, results: Path) -> bool:
    return (results / str(seed) / RESULT).is_file()


def _figures(application: str, results: Path, seeds: Sequence[int]) -> _Figures:
    """The pooled metrics of the kept results, by group and name."""
    return find_evaluate(application)(kept_pairs(results, seeds)).as_dict()["pooled"]["figures"]


def _compared(
    target: Target, first: _Figures, second: _Figures, single: Sequence[tuple[_Figures, ...]]
) -> Compared:
    """One metric over all studies, and its losses study by study."""
    before, after = (_value(target, figures) for figures in (first, second))
    pairs = [(_value(target, one), _value(target, other)) for one, other in single]
    losses = tuple(_loss(target, one, other) for one, other in pairs if one is not None)
    return Compared(f"{target.figure} ({target.group})", before, after, target.at_most, losses)


def _value(target: Target, figures: _Figures) -> float | None:
    return figures[target.group][target.figure]["value"]


def _loss(target: Target, first: float, second: float | None) -> float | None:
    if second is None:
        return None
    return second - first if target.at_most else first - second


def _embedded(repository: Path, *, configuration: str, models: tuple[ModelSpec, ...]) -> Embedded:
    """A server of one repository, without canaries: a model in reduced precision has no stored answer."""
    from scanserve.server import Embedded

    return Embedded(repository, configuration=configuration, models=models, require_canaries=False)


def _analyse_both(
    studies: Studies, seeds: Sequence[int], servers: Mapping[Path, Embedded], note: Callable[[str], None]
) -> None:
    """Write the results of each server into its own folder; each study is made once."""
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="scanserve-studies-"))
        for seed, study in made(studies, seeds, Path(scratch)):
            for results, server in servers.items():
                if _is_there(seed, results):
                    continue
                failure = analysed(studies, study, results / str(seed), server)
                note(f"study {seed} ({results.name}): {failure or 'analysed'}")
