"""A result that names neither the study nor anything that a user wrote."""

from __future__ import annotations

from datetime import datetime, timezone

from scanserve.client.ccta.result import PhaseInfo, Result
from scanserve.client.dicom.deidentify import OPTIONS, mapped_uid

__all__ = ["deidentified"]

#: Stands for the time of making, as for every date in the objects.
_NEVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
#: Stands for text that a user wrote.
_GIVEN = "(given, not repeated)"


def deidentified(result: Result) -> Result:
    """The same result with other UIDs, without dates and without the user's words; see PS3.15, annex E."""
    study = result.study
    override = None if study.override is None else _GIVEN
    warnings = [
        warning
        if study.override is None or study.override not in warning.message
        else type(warning)(warning.code, warning.message.replace(study.override, _GIVEN))
        for warning in result.warnings
    ]
    private = study.model_copy(
        update={
            "study_instance_uid": str(mapped_uid(study.study_instance_uid)),
            "phases": [_phase(phase) for phase in study.phases],
            "only_series": [_GIVEN for _ in study.only_series],
            "without_series": [_GIVEN for _ in study.without_series],
            "override": override,
        }
    )
    changes = {"study": private, "created": _NEVER, "warnings": warnings}
    return result.model_copy(
        update=changes | {"deidentification": [f"{code} {words}" for code, words in OPTIONS]}
    )


def _phase(phase: PhaseInfo) -> PhaseInfo:
    return phase.model_copy(update={"series_instance_uid": str(mapped_uid(phase.series_instance_uid))})
