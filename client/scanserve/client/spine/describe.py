"""From what was read to its :class:`~scanserve.client.spine.result.Result`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from scanserve.client.dicom.uids import shown_uid
from scanserve.client.runs.provenance import Circumstances
from scanserve.client.runs.records import own_version
from scanserve.client.spine import result as schema
from scanserve.client.spine.doubts import LEAST_SEEN, is_truncated
from scanserve.client.spine.measures import curves_of, largest_degrees, sides_of, vertebrae_of
from scanserve.client.spine.reader import Reading
from scanserve.client.spine.taken import Taken
from scanserve.contracts.printable import printable
from scanserve.preprocessing import Finding
from scanserve.preprocessing.spine.acceptance import judge

__all__ = ["describe"]


def describe(
    taken: Taken,
    reading: Reading,
    network: str,
    corrections: Sequence[schema.Correction],
    made: Circumstances,
) -> schema.Result:
    """The result of one run."""
    vertebrae = vertebrae_of(reading, taken.film.shape)
    return schema.Result(
        findings=list(judge(taken.film, taken.shown)),
        notice=made.provenance.notice,
        scanserve_version=own_version(),
        created=made.created,
        study=_study(taken),
        network=network,
        box=reading.box,
        vertebrae=vertebrae,
        curves=curves_of(reading.points, taken.pixel, sides_of(taken.film)),
        largest_degrees=largest_degrees(reading.points, taken.pixel),
        corrections=list(corrections),
        warnings=[*taken.findings, *_notes(taken, reading, vertebrae)],
        server=made.provenance.server,
        models=list(made.provenance.models),
        timing=made.timing,
    )


def _study(taken: Taken) -> schema.StudyInfo:
    film = taken.film
    assert film.scale is not None
    return schema.StudyInfo(
        study_instance_uid=shown_uid(taken.study_uid, "StudyInstanceUID"),
        series_instance_uid=shown_uid(film.series_uid, "SeriesInstanceUID"),
        sop_instance_uid=shown_uid(film.sop_uid, "SOPInstanceUID"),
        series_number=film.series_number,
        kind=film.kind,
        view=printable(film.view, 16),
        shape=film.shape,
        pixel=film.scale.pixel,
        pixel_from=film.scale.source,
        image_right=sides_of(film),
        sha256=taken.shown.image.sha256,
        files=1,
        skipped=list(taken.skipped),
    )


def _notes(taken: Taken, reading: Reading, vertebrae: Sequence[schema.Vertebra]) -> Iterator[Finding]:
    if float(np.median(reading.peaks)) < LEAST_SEEN:
        message = "most vertebrae were found with little certainty; the film may not show a spine."
        yield Finding("spine-not-seen", message)
    doubtful = [vertebra.name for vertebra in vertebrae if vertebra.doubts]
    if doubtful:
        yield Finding("doubtful-vertebrae", f"look at these vertebrae first: {', '.join(doubtful)}.")
    if is_truncated(reading.points, reading.peaks, taken.film.shape):
        message = "the first or the last vertebra lies at the border of the film or was hardly found."
        yield Finding("spine-truncated", message)
