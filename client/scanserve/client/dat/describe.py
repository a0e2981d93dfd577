"""From what was restored to its :class:`~scanserve.client.dat.result.Result`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.client.dat import result as schema
from scanserve.client.dat.binding import Regions, find_regions
from scanserve.client.dat.counts import counts_change, counts_findings
from scanserve.client.dat.denoiser import Slices
from scanserve.client.dat.series import WrittenObject
from scanserve.client.dat.taken import Taken
from scanserve.client.dicom.uids import shown_uid
from scanserve.client.runs.provenance import Circumstances
from scanserve.client.runs.records import own_version
from scanserve.preprocessing.dat import notes_on
from scanserve.preprocessing.dat.acceptance import judge

__all__ = ["describe"]


def describe(taken: Taken, written: Sequence[WrittenObject], made: Circumstances) -> schema.Result:
    """The result of one run."""
    measured = _Measured.of(taken)
    return schema.Result(
        findings=list(judge(taken.tomogram, taken.selection)),
        notice=made.provenance.notice,
        scanserve_version=own_version(),
        created=made.created,
        study=_study(taken),
        selected=_selected(taken),
        input=schema.Image.from_array(taken.slices),
        binding=measured.binding(taken.slices),
        restorations=[_restoration(taken, item, measured) for item in written],
        warnings=[*taken.findings, *notes_on(taken.tomogram)],
        server=made.provenance.server,
        models=list(made.provenance.models),
        timing=made.timing,
    )


def _study(taken: Taken) -> schema.StudyInfo:
    tomogram = taken.tomogram
    return schema.StudyInfo(
        study_instance_uid=shown_uid(taken.study_uid, "StudyInstanceUID"),
        series_instance_uid=shown_uid(tomogram.series_uid, "SeriesInstanceUID"),
        sop_instance_uid=shown_uid(tomogram.sop_uid, "SOPInstanceUID"),
        series_number=tomogram.series_number,
        shape=tomogram.shape,
        pixel_mm=tomogram.spacing_mm[1:],
        slice_mm=tomogram.spacing_mm[0],
        orientation=tomogram.orientation,
        minutes=None if tomogram.minutes is None else round(tomogram.minutes, 3),
        files=1,
        skipped=list(taken.skipped),
    )


def _selected(taken: Taken) -> schema.Selected:
    selection = taken.selection
    return schema.Selected(
        frames=[index + 1 for index in selection.indices],
        row=selection.row,
        column=selection.column,
        scales=list(selection.scales),
    )


@dataclass(frozen=True, eq=False)
class _Measured:
    """Binding ratios of slices on the scale of the networks."""

    regions: Regions | None
    scales: npt.NDArray[np.float64]

    @classmethod
    def of(cls, taken: Taken) -> _Measured:
        tomogram, scales = taken.tomogram, np.array(taken.selection.scales)[:, None, None]
        regions = find_regions(taken.slices * scales, tomogram.orientation, tomogram.spacing_mm[1:])
        return cls(regions, scales)

    def binding(self, slices: Slices) -> schema.Binding | None:
        found = None if self.regions is None else self.regions.binding(slices * self.scales)
        return None if found is None else schema.Binding(right=found.right, left=found.left)


def _restoration(taken: Taken, written: WrittenObject, measured: _Measured) -> schema.Restoration:
    made = written.restored
    change = counts_change(taken.slices, made.slices)
    return schema.Restoration(
        method=made.method,
        title=made.title,
        image=schema.Image.from_array(made.slices),
        counts_change=round(change, 5),
        warnings=counts_findings(made.title, change),
        binding=measured.binding(made.slices),
        file=written.file,
        series_instance_uid=written.series_uid,
        sop_instance_uid=written.sop_uid,
    )
