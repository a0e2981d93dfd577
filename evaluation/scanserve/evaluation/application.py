"""The interface of an application's evaluation, and its lookup.

An application has a module ``scanserve.evaluation.<application>`` with a function ``evaluate``
(:class:`Evaluate`).  A result names its application in ``kind``.
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
    """A table for display: every cell is text, the first column holds the names of the rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> list[str]:
        """The table under a heading, as lines of Markdown.

        >>> Table("Lines", ("", "all"), (("OV", "0.5"),)).markdown()[2:]
        ['|  | all |', '| --- | --- |', '| OV | 0.5 |']
        """
        head, *rows = ("| " + " | ".join(cells) + " |" for cells in (self.columns, *self.rows))
        return [f"## {self.title}", "", head, "| --- " * len(self.columns) + "|", *rows]


class Report(Protocol):
    """The outcome of an evaluation."""

    def as_dict(self) -> dict[str, Any]:
        """The whole report as JSON values; undefined numbers are None."""
        ...

    def tables(self) -> Sequence[Table]:
        """The most important figures."""
        ...

    def notes(self) -> Sequence[str]:
        """What a reader must know to interpret the figures, such as misses and the kind of intervals."""
        ...


class Evaluate(Protocol):
    """The function that evaluates the studies of one application.

    A study, or a part of a study, without a result counts as a miss and is never left out.  Bad input raises
    :class:`~scanserve.contracts.InputError`.
    """

    def __call__(self, pairs: Sequence[Pair], progress: Progress | None = None) -> Report:
        """Evaluate all ``pairs``."""
        ...


def evaluate_each(
    pairs: Sequence[Pair],
    read: Callable[[Pair], tuple[Truth, Result | None]],
    compare: Callable[[str, Truth, Result | None], Accuracy],
    progress: Progress | None = None,
) -> tuple[Accuracy, ...]:
    """Evaluate all studies in order.

    Args:
        pairs: the studies.
        read: reads the truth of a study, and its result if there is one.
        compare: compares them; called with the study's name, truth and result.
        progress: called after every study.

    Raises:
        InputError: as ``read`` raises it, or as ``compare`` raises it, prefixed with the study's name.
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
            "mixed-applications",
            f"results must come from one application but are of {', '.join(sorted(names))}.",
        )
    return names.pop()


def find_evaluate(application: str) -> Evaluate:
    """The evaluation of an application's results.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` if the application has no evaluation.
    """
    return part("evaluation", application).evaluate


def _application(file: Path) -> str:
    kind = str(read_object(file, "not-a-result").get("kind"))
    kinds = {application.result_kind: application.name for application in registry.APPLICATIONS}
    if kind not in kinds:
        raise InputError("not-a-result", f"{file} must be of kind {' or '.join(kinds)} but is of {kind!r}.")
    return kinds[kind]
