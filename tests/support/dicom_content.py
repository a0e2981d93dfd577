"""What a small made-up run says, on a real series of CT slices."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from scanserve.client.dicom import codes
from scanserve.client.dicom.content import Algorithm, Capture, Content, Curve, Group, Labels, Number, Segment
from scanserve.client.dicom.sources import of_phases
from scanserve.client.dicom.tubes import Drawing, Raster
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.preprocessing import Study
from scanserve.preprocessing.ct import read_study
from tests.support import ct_factory as factory

#: Slices, rows, columns, and mm between them.
SHAPE, STEPS = (12, 20, 24), (0.5, 0.4, 0.3)
ARTERY = codes.Code("13647002", "SCT", "Right coronary artery")
#: A centerline through the middle of the slices, (x, y, z) mm.
LINE = np.array([[2.0, 4.0, 1.0], [5.0, 4.0, 4.5]])


def write_study(folder: Path, **tags) -> Study:
    """Slices of one phase; UIDs as a scanner writes them."""
    stored = factory.pixels(*SHAPE)
    own = {"StudyDate": "20260101", "StudyTime": "120000", "StudyID": "1", "PatientBirthDate": "19700101"}
    factory.write_series(folder, stored, step=STEPS[0], origin=(0.0, 0.0, 0.0), **own | tags)
    return read_study(folder)


def png(width=320, height=60) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (10, 200, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def content(study: Study, **changes) -> Content:
    """Of one phase with one vessel."""
    (phase,) = study.phases
    sources = of_phases([phase])
    images = sources.series[phase.label]
    drawing = Drawing(Raster.of(phase.stack.slices, phase.stack.step))
    drawing.draw(LINE, np.array([0.8, 0.8]), 1)
    said = {
        "application": "ccta",
        "title": "Coronary CT angiography",
        "sources": sources,
        "procedure": codes.CT,
        "body_part": "HEART",
        "algorithm": Algorithm("1.2", {"ccta_quality": "ab" * 32}, NOT_FOR_DIAGNOSIS),
        "comments": ["A comment."],
        "groups": [
            Group(
                "RCA",
                codes.IMAGE_QUALITY,
                [ARTERY],
                [Number(codes.QUALITY_SCORE, 0.75, codes.NO_UNITS)],
                [(codes.QUALITY_CLASS, codes.own("class-good", "good"))],
                images[3],
            )
        ],
        "curves": [Curve("RCA main path", ARTERY, LINE, 4.61)],
        "labels": [
            Labels("0", "Lumens", images, drawing.values, [Segment("RCA main path", ARTERY, "#D55E00")])
        ],
        "captures": [Capture("strip", "A strip", png())],
    }
    return Content(**said | changes)
