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
) -> tuple[Compared, ...]:
    """Analyse ``count`` test studies with both repositories; ``note`` gets a line per study and repository.

    The metrics are those of the application's targets (``Studies.targets``).

    Raises:
        InputError: code ``unknown-application`` or ``no-study-analysed``.
        ServerError: a server cannot be started, or is lost.
    """
    studies = find_studies(application)
    seeds = range(studies.first_seed, studies.first_seed + count)
    serve = partial(_embedded, configuration=configuration, models=find_application(application).models)
    with tempfile.TemporaryDirectory(prefix="scanserve-precision-") as folder:
        kept = (Path(folder, "first"), Path(folder, "second"))
        _analyse_both(studies, seeds, dict(zip(kept, map(serve, repositories), strict=True)), note)
        if not any(kept[0].glob("*/result.json")):
            raise InputError("no-study-analysed", f"none of the {count} studies could be analysed in FP32.")
        first, second = (_figures(application, results, seeds) for results in kept)
        single = [tuple(_figures(application, results, [seed]) for results in kept) for seed in seeds]
    return tuple(_compared(target, first, second, single) for target in studies.targets)


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
    studies: Studies, seeds: range, servers: Mapping[Path, Embedded], note: Callable[[str], None]
) -> None:
    """Write the results of each server into its own folder; each study is made once."""
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="scanserve-studies-"))
        for seed, study in made(studies, seeds, Path(scratch)):
            for results, server in servers.items():
                failure = analysed(studies, study, results / str(seed), server)
                note(f"study {seed} ({results.name}): {failure or 'analysed'}")
