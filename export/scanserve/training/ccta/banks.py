"""The samples of a run: of phantoms and hosts, or of annotated studies.

What reads annotated studies needs DICOM and more, so it is imported for them only.
"""

from __future__ import annotations

from scanserve.training.bank import Bank
from scanserve.training.ccta.seeds import Split
from scanserve.training.ccta.vesselbank import vessel_bank
from scanserve.training.ccta.worldbank import world_bank
from scanserve.training.recipe import Sources

__all__ = ["vessels_for", "worlds_for"]


def worlds_for(sources: Sources, split: Split, count: int) -> Bank:
    """``count`` worlds, or a world of every phase of the annotated studies."""
    if sources.data is None:
        return world_bank(sources, split, count)
    from scanserve.training.ccta.annotatedworlds import annotated_world_bank

    return annotated_world_bank(sources.cache, sources.data, split)


def vessels_for(sources: Sources, split: Split, count: int) -> Bank:
    """The vessels of ``count`` phantom studies, or of all annotated studies."""
    if sources.data is None:
        return vessel_bank(sources.cache, split, count)
    from scanserve.training.ccta.annotatedbank import make_annotated_vessels, study_bank

    return study_bank(sources.cache, sources.data, split, make_annotated_vessels)
