"""What an application brings so that its results can be evaluated, and where that is found.

An application has a module ``scanserve.evaluation.<application>`` with a function ``evaluate``
(:class:`Evaluate`); nothing else needs to know of it.  Results name their application themselves, in ``kind``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from scanserve.contracts import InputError, part, registry
from scanserve.evaluation.studies import Pair, read_object

__all__ = ["Evaluate", "Progress", "Report", "Table", "application_of", "evaluate_each", "find_evaluate"]

Truth = TypeVar("Truth")
Result = TypeVar("Result")
Accuracy = TypeVar("Accuracy")
#: Called with (done, total) studies.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Table:
    """A table for people: every cell is text, the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Report(Protocol):
    """The outcome of an evaluation."""

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it; numbers that are not defined are None."""
        ...

    def tables(self) -> Sequence[Table]:
        """The most important figures."""
        ...

    def notes(self) -> Sequence[str]:
        """What a reader must know beside the figures, such as misses and how intervals were made."""
        ...


class Evaluate(Protocol):
    """Evaluate the studies of one application.

    A study, or a part of one, without a result counts as a miss and is never left out.  Bad input raises
    :class:`~scanserve.contracts.InputError`.
    """

    def __call__(self, pairs: Sequence[Pair], progress: Progress | None = None) -> Report:
        """The report on all ``pairs``, one or many."""
        ...


def evaluate_each(
    pairs: Sequence[Pair],
    read: Callable[[Pair], tuple[Truth, Result | None]],
    compare: Callable[[str, Truth, Result | None], Accuracy],
    progress: Progress | None = None,
) -> tuple[Accuracy, ...]:
    """Evaluate every study, in order.

    Args:
        pairs: the studies.
        read: their truth, and their result if there is one.
        compare: of the study's name and what was read.
        progress: called after every study.

    Raises:
        InputError: what ``read`` raises; what ``compare`` raises, with the study's name in front.
    """
    found = []
    for done, pair in enumerate(pairs, start=1):
        truth, result = read(pair)
        try:
            found.append(compare(pair.name, truth, result))
        except InputError as error:
            raise InputError(error.code, f"{pair.name}: {error.message}") from error
        if progress:
            progress(done, len(pairs))
    return tuple(found)


def application_of(pairs: Sequence[Pair]) -> str:
    """The name of the application that wrote the results.

    Raises:
        InputError: code ``file-missing``, ``not-a-result`` or ``mixed-applications``.
    """
    names = {_application(pair.result) for pair in pairs if pair.result}
    if len(names) > 1:
        raise InputError(
            "mixed-applications", f"results must be of one application but are of {', '.join(sorted(names))}."
        )
    return names.pop()


def find_evaluate(application: str) -> Evaluate:
    """How the results of an application are evaluated.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` where the application has nothing to
            compare with a truth.
    """
    return part("evaluation", application).evaluate


def _application(file: Path) -> str:
    kind = str(read_object(file, "not-a-result").get("kind"))
    kinds = {application.result_kind: application.name for application in registry.APPLICATIONS}
    if kind not in kinds:
        raise InputError("not-a-result", f"{file} must be of kind {' or '.join(kinds)} but is of {kind!r}.")
    return kinds[kind]
