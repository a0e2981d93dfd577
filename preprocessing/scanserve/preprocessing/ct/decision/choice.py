"""Which candidates are analysed: one reconstruction per phase, and for every other one the reason why not.

The rules, in this order; each looks at what the ones before have left:

1. what is no volume in HU for certain is never analysed: localizers, projections, material maps, other units;
2. previews beside whole stacks, oblique reformats beside aligned stacks, and what a description calls a projection,
   a map, a localizer, calcium scoring or contrast timing beside other stacks;
3. what cannot be loaded or is not fit, where something else is; without anything fit, all is kept, so that the user
   learns why the study is refused;
4. stacks without a phase beside stacks with one, unless all that has one is a single reformat; and of stacks
   without a phase those that are reconstructed otherwise than the best of them;
5. all but the best reconstruction of a phase;
6. phases in another frame of reference than most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from scanserve.preprocessing.ct.decision.candidates import Candidate
from scanserve.preprocessing.ct.decision.fitness import Fitness
from scanserve.preprocessing.ct.decision.kinds import Kind
from scanserve.preprocessing.ct.decision.naming import Name
from scanserve.preprocessing.ct.decision.wishes import Wishes
from scanserve.preprocessing.ct.kernels import kernel_sharpness
from scanserve.preprocessing.findings import Finding

__all__ = ["Choice", "ChosenPhase", "LeftOut", "choose"]

#: A stack of fewer slices is a preview or a test bolus ...
PREVIEW_SLICES = 10
#: ... when the study also holds a stack of at least so many.
WHOLE_SLICES = 40
#: Of reconstructions that nobody judged fit, those that cover less than this of the longest come later.
COVERAGE_FRACTION = 0.9

#: Reconstructions of one phase that cover different heart beats are named this many percent and ms apart at most.
BEAT_PERCENT, BEAT_MS = 0.5, 10.0
NEAR = 1.0

#: What is not analysed, and why.
_REASONS = {
    Kind.LOCALIZER: ("localizer", "it is a localizer (topogram)."),
    Kind.PROJECTION: ("projection", "it is a projection or rendering made from other slices."),
    Kind.MATERIAL_MAP: ("material-map", "it is a map of a material, or of something else that was computed."),
    Kind.NOT_HU: ("not-hu", "its values are not in Hounsfield units."),
    Kind.CONTRAST_TIMING: ("contrast-timing", "it times the contrast medium, beside other stacks."),
    Kind.CALCIUM_SCORING: ("calcium-scoring", "it is for calcium scoring, beside other stacks."),
}
#: Kinds that even a user who names them cannot have: they are no volumes in HU.
_IMPOSSIBLE = frozenset({Kind.LOCALIZER, Kind.NOT_HU})


@dataclass(frozen=True)
class LeftOut:
    """A candidate that is not analysed; ``phase_lost`` says whether its phase is not analysed at all."""

    candidate: Candidate
    reasons: tuple[Finding, ...]
    phase_lost: bool = False


@dataclass(frozen=True)
class ChosenPhase:
    """A phase that is analysed: its best reconstruction, and the next best in order, should that one fail."""

    best: Candidate
    others: tuple[Candidate, ...]


@dataclass(frozen=True)
class Choice:
    """What is analysed and what is not, and why."""

    phases: tuple[ChosenPhase, ...]
    left_out: tuple[LeftOut, ...]


def choose(
    candidates: Sequence[Candidate],
    *,
    fitness: Fitness | None = None,
    wishes: Wishes | None = None,
    named: Sequence[Candidate] = (),
) -> Choice:
    """The choice among the candidates of a study.

    Args:
        candidates: all that may be chosen.
        fitness: what the application demands; without one everything is fit.
        wishes: what the user asks for.
        named: the candidates that the user named.
    """
    choosing = _Choosing(fitness, wishes or Wishes(), frozenset(map(id, named)))
    return choosing.run(candidates)


@dataclass
class _Choosing:
    """One choice; ``left`` gathers what is not chosen."""

    fitness: Fitness | None
    wishes: Wishes
    named: frozenset[int]
    left: list[LeftOut] = field(default_factory=list)

    def run(self, candidates: Sequence[Candidate]) -> Choice:
        kept = self._drop_kinds(candidates, certain=True)
        kept = self._drop(kept, _previews(kept), "preview", "it holds a few slices, beside whole stacks.")
        kept = self._drop_oblique(kept)
        kept = self._drop_suggested(kept)
        fit = self._fit([self._judged(candidate) for candidate in kept])
        fit = self._drop_unlike(self._drop_untagged(fit))
        phases = self._in_one_frame([self._best(group) for group in _by_phase(fit)])
        return Choice(tuple(phases), tuple(self._lost(phases)))

    # --- kinds ----------------------------------------------------------------------------------------------

    def _drop_kinds(self, candidates: Sequence[Candidate], *, certain: bool) -> list[Candidate]:
        kept = []
        for candidate in candidates:
            possible = id(candidate) in self.named and candidate.kind not in _IMPOSSIBLE
            if candidate.kind in _REASONS and candidate.group.nature.certain >= certain and not possible:
                code, message = _REASONS[candidate.kind]
                self._leave(candidate, code, message)
            else:
                kept.append(candidate)
        return kept

    def _drop_suggested(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        if all(candidate.kind in _REASONS for candidate in candidates):
            return list(candidates)
        return self._drop_kinds(candidates, certain=False)

    def _drop_oblique(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        oblique = [c for c in candidates if any(finding.code == "oblique" for finding in c.blocked)]
        if len(oblique) == len(candidates):
            return list(candidates)
        for candidate in oblique:
            self.left.append(LeftOut(candidate, candidate.blocked))
        return [c for c in candidates if not _among(c, oblique)]

    # --- fitness --------------------------------------------------------------------------------------------

    def _judged(self, candidate: Candidate) -> Candidate:
        unfit = () if self.fitness is None or candidate.blocked else self.fitness.by_header(candidate.phase)
        return candidate.with_unfit(unfit, measured=False)

    def _fit(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """What can be loaded, and of that what is fit, where there is anything; a few slices are read for a choice."""
        kept = self._without(candidates, [c for c in candidates if c.blocked])
        if self.wishes.unfit:
            return kept
        kept = self._without(kept, [c for c in kept if c.unfit])
        if self.fitness is None or not _is_contested(kept) or kept[0].unfit:
            return kept
        kept = [c.with_unfit(self.fitness.by_sample(c.phase), measured=True) for c in kept]
        return self._without(kept, [c for c in kept if c.unfit])

    def _without(self, candidates: Sequence[Candidate], flawed: Sequence[Candidate]) -> list[Candidate]:
        """The candidates without the flawed, unless all are."""
        if len(flawed) == len(candidates):
            return list(candidates)
        self.left += [LeftOut(candidate, candidate.flaws) for candidate in flawed]
        return [candidate for candidate in candidates if not _among(candidate, flawed)]

    def _drop_untagged(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        tagged = [c for c in candidates if c.name.identified]
        untagged = [c for c in candidates if not c.name.identified and id(c) not in self.named]
        if not tagged or not untagged:
            return list(candidates)
        if _is_one_reformat(tagged) and any(c.group.nature.original for c in untagged):
            message = "it was made from other slices, beside original ones."
            return self._drop(candidates, tagged, "derived", message)
        message = "no tag says its phase, beside series with one."
        return self._drop(candidates, untagged, "no-phase-tag", message)

    def _drop_unlike(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Of stacks whose phases are unknown, keep those that are reconstructed like the best of them."""
        unknown = [c for c in candidates if not c.name.identified and id(c) not in self.named]
        if not unknown:
            return list(candidates)
        best = min(unknown, key=lambda candidate: _rank(candidate, 0.0, judged=self.fitness is not None))
        unlike = [c for c in unknown if _likeness(c) != _likeness(best)]
        message = f"it is reconstructed otherwise than {best.describe()}, and no tag says its phase."
        return self._drop(candidates, unlike, "other-reconstruction", message)

    # --- one per phase --------------------------------------------------------------------------------------

    def _best(self, group: Sequence[Candidate]) -> ChosenPhase:
        longest = max(candidate.coverage_mm for candidate in group)
        best, *others = sorted(
            group, key=lambda candidate: _rank(candidate, longest, judged=self.fitness is not None)
        )
        for other in others:
            message = f"{best.describe()} is used for {best.name.label}."
            self._leave(other, "other-reconstruction", message)
        return ChosenPhase(best, tuple(others))

    def _in_one_frame(self, phases: Sequence[ChosenPhase]) -> list[ChosenPhase]:
        """The phases, without those in another frame of reference than most of them."""
        frames = Counter(frame for phase in phases if (frame := phase.best.first.frame_of_reference))
        common, count = next(iter(frames.most_common(1)), ("", 0))
        if len(frames) < 2 or count <= len(phases) / 2:
            return list(phases)
        outside = [p for p in phases if p.best.first.frame_of_reference not in ("", common)]
        for phase in outside:
            message = "it has another frame of reference than most phases, so positions cannot be compared."
            self._leave(phase.best, "mixed-frames-of-reference", message)
        return [p for p in phases if not any(p is other for other in outside)]

    # --- what is left out -----------------------------------------------------------------------------------

    def _drop(
        self, candidates: Sequence[Candidate], out: Sequence[Candidate], code: str, message: str
    ) -> list[Candidate]:
        for candidate in out:
            self._leave(candidate, code, message)
        return [candidate for candidate in candidates if not _among(candidate, out)]

    def _leave(self, candidate: Candidate, code: str, message: str) -> None:
        self.left.append(LeftOut(candidate, (Finding(code, message),)))

    def _lost(self, phases: Sequence[ChosenPhase]) -> list[LeftOut]:
        """What is left out, and whether its phase is lost with it."""
        return [LeftOut(left.candidate, left.reasons, _is_lost(left, phases)) for left in self.left]


def _is_lost(left: LeftOut, phases: Sequence[ChosenPhase]) -> bool:
    """Whether the phase of a candidate is lost: it has one, nothing else is of it, and it was to be analysed."""
    candidate = left.candidate
    if (
        left.reasons[0].code in {"preview", "no-phase-tag", "other-reconstruction"}
        or candidate.kind in _REASONS
    ):
        return False
    if candidate.name.identified:
        away = [_between(candidate.name, phase.best.name) for phase in phases]
        return all(distance is None or distance > NEAR for distance in away)
    return not candidate.unfit and not any(phase.best.name.identified for phase in phases)


def _among(candidate: Candidate, others: Sequence[Candidate]) -> bool:
    return any(candidate is other for other in others)


def _previews(candidates: Sequence[Candidate]) -> list[Candidate]:
    if max((len(c.phase.stack.slices) for c in candidates), default=0) < WHOLE_SLICES:
        return []
    return [c for c in candidates if len(c.phase.stack.slices) < PREVIEW_SLICES]


def _is_contested(fit: Sequence[Candidate]) -> bool:
    """Whether some of the candidates would be left out for others, or not all are reconstructions of one scan."""
    if len(fit) < 2:
        return False
    unknown = any(not candidate.name.identified for candidate in fit)
    unlike = len({_likeness(candidate) for candidate in fit}) > 1
    return unknown or unlike or any(len(group) > 1 for group in _by_phase(fit))


def _is_one_reformat(tagged: Sequence[Candidate]) -> bool:
    """Whether all that is known to be of a phase is of a single one and made from other slices."""
    return len(_by_phase(tagged)) == 1 and not any(c.group.nature.original for c in tagged)


def _by_phase(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """The candidates of each phase; one whose phase is unknown is a phase of its own.

    Reconstructions of one phase are named a little apart where they cover different heart beats.
    """
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        near = [
            (away, number)
            for number, group in enumerate(groups)
            if (away := _away(candidate, group)) is not None
        ]
        if near:
            groups[min(near)[1]].append(candidate)
        else:
            groups.append([candidate])
    return groups


def _away(candidate: Candidate, group: Sequence[Candidate]) -> float | None:
    """How far the phase of a candidate is from that of a group; ``None`` where it is another phase."""
    away = _between(candidate.name, group[0].name)
    if away is None or away > NEAR:
        return None
    alike = any(_likeness(candidate) == _likeness(other) for other in group)
    return None if away > 0 and alike else away


def _between(first: Name, second: Name) -> float | None:
    """How far two phases lie apart, as a multiple of what heart beats may make; ``None`` where that is unknown."""
    if first.percent is not None and second.percent is not None:
        return abs(first.percent - second.percent) / BEAT_PERCENT
    if first.delay_ms is not None and second.delay_ms is not None:
        return abs(first.delay_ms - second.delay_ms) / BEAT_MS
    return None


def _likeness(candidate: Candidate) -> Hashable:
    """What reconstructions of the phases of one scan share."""
    nature = candidate.group.nature
    return nature.original, nature.kind is Kind.MONOENERGETIC, candidate.slice_mm, candidate.first.kernel


def _rank(candidate: Candidate, longest: float, *, judged: bool) -> tuple[object, ...]:
    """The order of preference; what comes last only settles ties."""
    fit = judged and not candidate.flaws
    return (
        bool(candidate.blocked),
        len(candidate.unfit),
        not candidate.group.nature.original,
        candidate.kind is Kind.MONOENERGETIC,
        not fit and candidate.coverage_mm < COVERAGE_FRACTION * longest,
        candidate.slice_mm,
        kernel_sharpness(candidate.first.kernel),
        candidate.first.series_number or 0,
        candidate.first.phase_tags.series_description,
        candidate.first.instance or 0,
        candidate.first.series_uid,
    )
