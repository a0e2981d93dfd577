"""What a reader must know before believing the best phases, most important first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scanserve.client.ccta.analysis import Analysis
from scanserve.client.ccta.ranking import PhaseOrder
from scanserve.client.ccta.scoring import REACH, ScoredVessel
from scanserve.client.ccta.travel import NEAR_PERCENT, Travel
from scanserve.preprocessing import Finding, Phase, Reconstruction

__all__ = ["caveats_of", "lost_phases", "noticed_in"]

#: A phase is said to be short when it was scored over less than the common length by more than one step.
SHORT_MM = 0.5
#: What is not known of a best phase.
_ONE_SIDE = (
    "but how far the vessel moves there is known from one side only: on the other, no phase within "
    f"{NEAR_PERCENT:g} % of the R-R interval shows it beside this one. A phase there may be better."
)
_NO_SIDE = (
    "but how far the vessel moves there is not known, as it is for other phases: no phase within "
    f"{NEAR_PERCENT:g} % of the R-R interval shows it beside this one. It ranks by its looks alone."
)


def caveats_of(
    analysis: Analysis,
    overall: PhaseOrder,
    orders: Mapping[str, PhaseOrder],
    travels: Mapping[str, Sequence[Travel | None]],
) -> list[Finding]:
    """Everything that must be said about a study.

    Args:
        analysis: of the study.
        overall: the order of the phases for all vessels together.
        orders: the order of the phases for each vessel, by abbreviation.
        travels: how far each vessel moves around each phase, in the study's order.
    """
    found = [*_eligibility(analysis), *lost_phases(analysis.left_out), *_one_phase(analysis)]
    found += _half_known(analysis.labels, orders, travels)
    for name, order in orders.items():
        scored = analysis.scores.get(name)
        if scored is not None:
            found += _compromise(name, scored, order.best, overall.best)
            found += _missing(name, scored, analysis.labels)
            found += _short(name, scored)
    return [*found, *analysis.study.warnings, *noticed_in([item.phase for item in analysis.phases])]


def _eligibility(analysis: Analysis) -> Iterator[Finding]:
    """That an override was used, and each reason against it once; a code may come with several values."""
    reasons = [reason for found in analysis.phases for reason in found.ineligible]
    if reasons:
        message = f"The study is not eligible and was analysed all the same, because: {analysis.override}"
        yield Finding("ineligible-overridden", message)
        yield from dict.fromkeys(reasons)


def lost_phases(found: Iterable[Reconstruction]) -> Iterator[Finding]:
    """Each phase that is not analysed at all, with the first reason."""
    for lost in (item for item in found if item.phase_lost):
        reason = lost.reasons[0]
        message = f"{lost.what} was left out: {reason.message.rstrip('.')} [{reason.code}]."
        yield Finding("phase-left-out", message)


def noticed_in(phases: Sequence[Phase]) -> Iterator[Finding]:
    """What was noticed about the slices of phases, each code once with the phases and what it says of the first."""
    noticed: dict[str, dict[str, str]] = {}
    for phase in phases:
        for finding in phase.findings:
            noticed.setdefault(finding.code, {}).setdefault(phase.label, finding.message)
    for code, messages in noticed.items():
        where = f"all {len(phases)} phases" if 1 < len(messages) == len(phases) else ", ".join(messages)
        yield Finding(code, f"{where}: {next(iter(messages.values()))}")


def _one_phase(analysis: Analysis) -> Iterator[Finding]:
    if len(analysis.phases) == 1 and all(item.code != "one-phase" for item in analysis.study.warnings):
        message = "The study holds one phase only, so there is nothing to compare it with."
        yield Finding("one-phase", message)


def _half_known(
    labels: Sequence[str], orders: Mapping[str, PhaseOrder], travels: Mapping[str, Sequence[Travel | None]]
) -> Iterator[Finding]:
    """Best phases at an end of the part of the beat that the study covers, beside a gap, or without neighbours."""
    vessels: dict[tuple[str, str], list[str]] = {}
    for name, order in orders.items():
        known = dict(zip(labels, travels[name], strict=True))
        moved = known.get(order.best or "")
        if moved is not None and moved.one_sided is not None:
            vessels.setdefault((str(order.best), _ONE_SIDE), []).append(name)
        elif moved is None and any(known.values()):
            vessels.setdefault((str(order.best), _NO_SIDE), []).append(name)
    for (best, unknown), names in vessels.items():
        yield Finding("best-phase-at-gap", f"{best} ranks first for {' and '.join(names)}, {unknown}")


def _compromise(name: str, scored: ScoredVessel, best: str | None, overall: str | None) -> Iterator[Finding]:
    """What a vessel loses in the phase that is best overall, where its own best is of a better class."""
    there, own = scored.phases.get(overall or ""), scored.phases.get(best or "")
    if there is None or own is None or there.quality_class.grade >= own.quality_class.grade:
        return
    message = (
        f"In {overall}, the best phase overall, {name} is {there.quality_class.name} only; "
        f"read {name} in {best}, where it is {own.quality_class.name}."
    )
    yield Finding("overall-best-not-best-for-vessel", message)


def _missing(name: str, scored: ScoredVessel, labels: list[str]) -> Iterator[Finding]:
    missing = [label for label in labels if label not in scored.phases]
    if missing:
        message = f"{name} was not found in {', '.join(missing)}; there it ranks last."
        yield Finding("vessel-missing-in-phase", message)


def _short(name: str, scored: ScoredVessel) -> Iterator[Finding]:
    least = scored.common_mm - SHORT_MM
    short = [label for label, scores in scored.phases.items() if scores.length_mm < least]
    if short:
        message = (
            f"{name} could be followed over less than {REACH:.0%} of its usual length in {', '.join(short)}; "
            "there only that part was scored."
        )
        yield Finding("vessel-short-in-phase", message)
