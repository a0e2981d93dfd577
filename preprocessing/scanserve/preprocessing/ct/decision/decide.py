"""The decision on a study: which of its slices are the phases that are analysed, and why not the others.

slices -> parts (series.py, kinds.py) -> stacks (separation.py) -> candidates (naming.py, candidates.py)
       -> choice (choice.py) -> phases and everything that was found (explain.py)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.decision.candidates import Candidate, candidates_of
from scanserve.preprocessing.ct.decision.choice import Choice, ChosenPhase, LeftOut, choose
from scanserve.preprocessing.ct.decision.explain import explained, reconstructions, reject_files
from scanserve.preprocessing.ct.decision.fitness import Fitness
from scanserve.preprocessing.ct.decision.separation import Same
from scanserve.preprocessing.ct.decision.series import Part, parts_of
from scanserve.preprocessing.ct.decision.wishes import Wishes
from scanserve.preprocessing.ct.reconstruction import Reconstruction
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.study import Phase
from scanserve.preprocessing.dicom import Rejects
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["Decision", "decide"]


@dataclass(frozen=True)
class Decision:
    """What is analysed of a study.

    Attributes:
        phases: in order of percent, then trigger delay, then series number; their labels are unique.
        found: every stack of slices of the study, and what became of it.
        findings: what is to be said about the decision.
    """

    phases: tuple[Phase, ...]
    found: tuple[Reconstruction, ...]
    findings: tuple[Finding, ...]


def decide(
    slices: Iterable[Slice],
    root: Path,
    same: Same,
    *,
    rejects: Rejects,
    fitness: Fitness | None = None,
    wishes: Wishes | None = None,
) -> Decision:
    """Decide what is analysed.

    Args:
        slices: of one study, in any order.
        root: folder that the slices' paths are relative to.
        same: whether two slices hold the same image; is asked for a few.
        rejects: where the files of slices that are not analysed are noted.
        fitness: what the application demands.
        wishes: what the user asks for.

    Raises:
        StudyError: code ``no-ct``, ``unknown-series``, ``mixed-frames-of-reference`` or ``oblique``.
    """
    wishes = wishes or Wishes()
    parts = parts_of(sorted(slices, key=_canonical))
    wishes.check(parts)
    wanted = [part for part in parts if wishes.wants(part)]
    candidates = candidates_of(wanted, root, same)
    named = _named(candidates, wanted, wishes)
    choice = choose(candidates, fitness=fitness, wishes=wishes, named=named)
    choice = _with_unwanted(
        choice, candidates_of([part for part in parts if not wishes.wants(part)], root, same)
    )
    reject_files(choice, rejects)
    _refuse(choice, rejects)
    choice = replace(choice, phases=tuple(sorted(choice.phases, key=_order)))
    phases = _phases(choice.phases)
    return Decision(phases, reconstructions(choice), _findings(choice))


def _canonical(image: Slice) -> tuple[object, ...]:
    """An order that neither file names nor UIDs decide, as far as anything else does."""
    number = -1 if image.series_number is None else image.series_number
    instance = -1 if image.instance is None else image.instance
    tags = image.phase_tags
    return (
        (number, tags.series_description, image.image_type, image.kernel, image.position, instance),
        (tags.trigger_ms or 0, tags.nominal_percent or 0, tags.content_time or 0, tags.image_comments),
        (image.frame.index, image.series_uid, image.frame.sop_uid, image.file),
    )


def _named(candidates: Sequence[Candidate], parts: Sequence[Part], wishes: Wishes) -> list[Candidate]:
    """The candidates whose series the user named."""
    named = {id(image) for part in parts if wishes.names(part) for image in part.slices}
    return [candidate for candidate in candidates if id(candidate.group.slices[0]) in named]


def _with_unwanted(choice: Choice, unwanted: Sequence[Candidate]) -> Choice:
    reason = Finding("not-selected", "its series was not asked for.")
    left = tuple(LeftOut(candidate, (reason,)) for candidate in unwanted)
    return replace(choice, left_out=choice.left_out + left)


def _refuse(choice: Choice, rejects: Rejects) -> None:
    """Refuse phases that cannot be compared, a study of oblique stacks alone, and one without any volume.

    Raises:
        StudyError: code ``no-ct``, ``mixed-frames-of-reference`` or ``oblique``.
    """
    if not choice.phases:
        raise StudyError("no-ct", f"the study folder holds no CT slices: {rejects.summary()}.")
    chosen = [phase.best.phase for phase in choice.phases]
    frames = {image.frame_of_reference for phase in chosen for image in phase.stack.slices} - {""}
    if len(frames) > 1:
        raise StudyError(
            "mixed-frames-of-reference",
            f"all phases must share one frame of reference but the "
            f"{plural(len(chosen), 'phase', verb=False)} found use {len(frames)}.",
        )
    oblique = [finding for phase in chosen for finding in phase.findings if finding.code == "oblique"]
    if oblique and len(oblique) == len(chosen):
        raise StudyError("oblique", oblique[0].message)


def _order(chosen: ChosenPhase) -> tuple[float, float, int, str]:
    name = chosen.best.name
    return (
        float("inf") if name.percent is None else name.percent,
        float("inf") if name.trigger_ms is None else name.trigger_ms,
        chosen.best.first.series_number or 0,
        name.label,
    )


def _phases(chosen: Sequence[ChosenPhase]) -> tuple[Phase, ...]:
    labels = _unique([phase.best.name.label for phase in chosen])
    return tuple(_phase(phase, label) for phase, label in zip(chosen, labels, strict=True))


def _phase(chosen: ChosenPhase, label: str) -> Phase:
    others = tuple(replace(other.phase, label=label) for other in chosen.others if not other.blocked)
    return replace(chosen.best.phase, label=label, explanation=explained(chosen), alternatives=others)


def _unique(labels: Iterable[str]) -> list[str]:
    """The labels; equal ones are numbered from the second on."""
    seen: Counter[str] = Counter()
    unique = []
    for label in labels:
        seen[label] += 1
        unique.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return unique


def _findings(choice: Choice) -> tuple[Finding, ...]:
    """That phases are unknown, or told apart by their order alone."""
    names = [phase.best.name for phase in choice.phases]
    findings = []
    if not any(name.identified for name in names):
        findings.append(Finding("phases-unknown", "no slice says its cardiac phase."))
    told = [phase.best.group.told for phase in choice.phases]
    ordered = sum(item is not None and not item.source for item in told)
    if ordered:
        message = (
            f"{plural(ordered, 'phase')} told apart by the order of instances at each place alone, because no tag "
            "says which slices belong together."
        )
        findings.append(Finding("phases-by-order", message))
    return tuple(findings)
