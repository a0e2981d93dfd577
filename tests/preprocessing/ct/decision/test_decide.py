"""Whatever an export holds: nothing is mixed, nothing is left out without a reason, nothing depends on names."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.preprocessing.ct.decision import Decision, decide
from scanserve.preprocessing.dicom import Rejects, files_of
from tests.support.ct_studies import Export, Fitness, anonymised, exports


def decided(export: Export, wishes=None) -> tuple[Decision, Rejects]:
    rejects = Rejects()
    decision = decide(
        export.slices, Path(), export.same, rejects=rejects, fitness=Fitness(export), wishes=wishes
    )
    return decision, rejects


def refused(phase, export: Export) -> bool:
    """Whether loading would refuse the phase: it is blocked, or different slices share one place."""
    stack = phase.stack
    differ = any(not export.same(stack.slices[index], other) for index, other in stack.duplicates)
    return bool(phase.blocking) or differ


def content(export: Export, phase) -> frozenset:
    return frozenset(export.images[image.file] for image in phase.stack.slices)


def summary(export: Export, decision: Decision) -> tuple:
    """What was decided, without UIDs and file names."""
    phases = [(phase.label, content(export, phase)) for phase in decision.phases]
    left = sorted(
        (found.label, found.kind, found.slices, [reason.code for reason in found.reasons])
        for found in decision.found
        if found.reasons
    )
    return phases, left, decision.findings


def one_phase_and_one_reconstruction(export: Export, decision: Decision) -> None:
    for phase in decision.phases:
        for volume in (phase, *phase.alternatives):
            truths = {export.truths[image.file] for image in volume.stack.slices}
            assert len(truths) == 1 or refused(volume, export)


def a_reason_for_all_else(export: Export, decision: Decision, rejects: Rejects) -> None:
    used = {file for phase in decision.phases for file in files_of(phase.stack.slices)}
    assert len(used) + sum(group.files for group in rejects.groups()) == len(export.slices)
    analysed = [found for found in decision.found if not found.reasons]
    assert len(analysed) == len(decision.phases)
    for found in decision.found:
        assert all(reason.code and reason.message.endswith(".") for reason in found.reasons)


def only_the_angiography_originals_first(export: Export, decision: Decision) -> None:
    fitness = Fitness(export)
    analysed = [phase for phase in decision.phases if not fitness.by_sample(phase)]
    for phase in analysed:
        truth = export.truths[phase.stack.slices[0].file]
        assert truth.kind == "angiography B26f" or refused(phase, export)
    assert len(analysed) in (0, len(decision.phases))


@settings(max_examples=100, deadline=None)
@given(exports(), st.randoms(use_true_random=False))
def test_whatever_an_export_holds(export, random):
    """One generated study for all that must hold, since most of the time goes into making it."""
    decision, rejects = decided(export)
    one_phase_and_one_reconstruction(export, decision)
    a_reason_for_all_else(export, decision, rejects)
    only_the_angiography_originals_first(export, decision)
    told = summary(export, decision)
    other = anonymised(export)
    assert told == summary(other, decided(other)[0]), "the same study anonymised gives the same choice"
    random.shuffle(export.slices)
    assert told == summary(export, decided(export)[0]), "the order of files changes nothing"
