"""A result that names neither the patient, nor the study, nor its readers."""

from __future__ import annotations

from datetime import datetime, timezone

from scanserve.client.dicom.deidentify import OPTIONS, mapped_uid
from scanserve.client.spine.result import Result

__all__ = ["deidentified"]

#: Stands for every time, as in the objects.
_NEVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
_UIDS = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")


def deidentified(result: Result) -> Result:
    """The same result with other UIDs, without dates and without the names of readers; see PS3.15, annex E."""
    study = result.study
    changed = {name: str(mapped_uid(getattr(study, name))) for name in _UIDS if getattr(study, name)}
    numbers = {who: number for number, who in enumerate(dict.fromkeys(c.who for c in result.corrections), 1)}
    corrections = [
        item.model_copy(update={"who": f"reader {numbers[item.who]}", "when": _NEVER})
        for item in result.corrections
    ]
    return result.model_copy(
        update={
            "study": study.model_copy(update=changed),
            "created": _NEVER,
            "corrections": corrections,
            "deidentification": [f"{code} {words}" for code, words in OPTIONS],
        }
    )
