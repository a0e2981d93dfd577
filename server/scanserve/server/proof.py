"""What an ensemble's right answer proves of its members.

A network whose outputs all flow into the ensemble's was computed with the ensemble's own inputs, so it need not be
asked again.  A graph is held to a far closer tolerance than an ensemble, and is always asked itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanserve.contracts import ModelSpec

__all__ = ["proved_by"]


def proved_by(ensemble: ModelSpec, models: Iterable[ModelSpec]) -> frozenset[str]:
    """The names of the networks among ``models`` that a right answer of ``ensemble`` proves; of no other model any.

    Example:
        >>> from scanserve.contracts.ccta import CCTA, CENTERLINE
        >>> sorted(proved_by(CENTERLINE, CCTA.models))
        ['ccta_stage1', 'ccta_stage2']
    """
    networks = {spec.name: spec for spec in models if spec.kind == "network"}
    seen = _seen(ensemble)
    return frozenset(
        step.model
        for step in ensemble.steps
        if step.model in networks
        and all(step.outputs.get(output.name) in seen for output in networks[step.model].outputs)
    )


def _seen(ensemble: ModelSpec) -> set[str]:
    """The ensemble's tensors on which its outputs depend, and these themselves."""
    seen, before = {output.name for output in ensemble.outputs}, 0
    while len(seen) > before:
        before = len(seen)
        for step in ensemble.steps:
            if seen.intersection(step.outputs.values()):
                seen.update(step.inputs.values())
    return seen
