"""A small made-up study with a server that answers from known truth; no DICOM, no network."""

import threading
import weakref
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from scanserve.client.ccta.analysis import analyze
from scanserve.client.ccta.decision import decide
from scanserve.client.ccta.describe import describe, views_of
from scanserve.client.ccta.vessel import extract_vessel
from scanserve.client.runs.connection import Connection
from scanserve.client.runs.provenance import Circumstances, Provenance
from scanserve.client.runs.records import Model, Server, timing_of
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import NOT_FOR_DIAGNOSIS, StudyError
from scanserve.contracts.ccta import CENTERLINE, CROP_SHAPE, CROP_SPACING_MM, QUALITY, SECTION_MM, SECTIONS
from scanserve.preprocessing import Finding, Reconstruction, Volume
from scanserve.preprocessing.ccta import Bolus
from scanserve.preprocessing.ct.arrangement import arrange
from scanserve.preprocessing.ct.stack import Stack
from tests.support.ct_slices import frame, series

SHAPE = (60, 120, 120)
SPACING = (1.0, 1.0, 1.0)
PERCENTS = (40.0, 50.0, 60.0, 70.0)
#: Quality of (RCA, LAD, LCX) in each phase.
TRUTH = {
    40.0: (0.9, 0.2, 0.3),
    41.0: (0.1, 0.2, 0.3),
    42.0: (0.1, 0.2, 0.3),
    50.0: (0.5, 0.4, 0.5),
    60.0: (0.3, 0.6, 0.55),
    70.0: (0.2, 0.95, 0.9),
}
#: Start and end (x, y, z) mm of each vessel.
LINES = (
    ((20.0, 20.0, 10.0), (20.0, 95.0, 20.0)),
    ((60.0, 20.0, 30.0), (60.0, 95.0, 40.0)),
    ((95.0, 20.0, 45.0), (95.0, 80.0, 50.0)),
)


@dataclass(frozen=True)
class FakePhase:
    """A phase as preprocessing gives it."""

    percent: float
    findings: tuple = ()
    blocking: tuple = ()
    trigger_ms: float | None = None
    explanation: str = "Trigger window (0018,1063) is the same in all 60 files"
    series_instance_uid: str = "1.2.3"
    shape: tuple = SHAPE
    spacing: tuple = SPACING
    loaded: list = field(default_factory=list, compare=False)
    alternatives: tuple = ()
    thickness_mm: float = 1.0
    tube_current_ma: float | None = None

    @property
    def stack(self) -> Stack:
        return _stack()

    @property
    def reconstruction(self) -> Reconstruction:
        return Reconstruction(
            label=self.label,
            series_number=int(self.percent),
            description="CTA",
            kind="angiography",
            original=True,
            slices=SHAPE[0],
            files=SHAPE[0],
            step_mm=1.0,
            thickness_mm=1.0,
            coverage_mm=60.0,
            kernel="B26f",
        )

    @property
    def label(self) -> str:
        return f"{self.percent:g} %"

    @property
    def files(self) -> tuple:
        return tuple(Path(f"{index}.dcm") for index in range(self.shape[0]))

    def check(self) -> None:
        """Nothing blocks."""

    def load(self) -> Volume:
        hu = _vessels().copy()
        hu[0, 0, 0] = int(self.percent)
        volume = Volume.at(hu, np.zeros(3), SPACING)
        self.loaded.append(weakref.ref(volume))
        return volume


@lru_cache
def _stack() -> Stack:
    """As headers would describe the volume."""
    size = frame(rows=SHAPE[1], columns=SHAPE[2])
    slices = series(SHAPE[0], step=SPACING[2], pixel_spacing=SPACING[:2])
    return arrange([replace(image, frame=replace(size, file=image.file)) for image in slices])


@lru_cache
def _vessels():
    """Three straight tubes, each from a bright ball at its ostium."""
    z, y, x = np.indices(SHAPE, dtype=np.float32)
    hu = np.full(SHAPE, -80, np.int16)
    for (x0, y0, z0), (x1, y1, z1) in LINES:
        t = np.clip((y - y0) / (y1 - y0), 0, 1)
        distance = np.hypot(x - x0 - t * (x1 - x0), z - z0 - t * (z1 - z0))
        hu[(distance < 2.5) & (y >= y0) & (y <= y1)] = 400
        hu[np.sqrt((x - x0) ** 2 + (y - y0 + 8) ** 2 + (z - z0) ** 2) < 11] = 400
    return hu


@dataclass(frozen=True)
class FakeStudy:
    phases: tuple
    study_instance_uid: str = "1.2.826.0.1"
    skipped: tuple = ()
    warnings: tuple = ()
    left_out: tuple = ()
    only_series: tuple = ()
    without_series: tuple = ()


def study(percents=PERCENTS, **changes) -> FakeStudy:
    return FakeStudy(tuple(FakePhase(percent, **changes) for percent in percents))


def broken_study() -> FakeStudy:
    """A study whose second phase cannot be loaded."""

    class Broken(FakePhase):
        def check(self) -> None:
            raise StudyError("missing-slices", "3 slices are missing.")

    return FakeStudy((FakePhase(40.0), Broken(70.0)))


class FakeClient:
    """Answers the two served models from TRUTH; ``missing`` holds (percent, vessel number) not to find."""

    def __init__(self, missing=(), errors=()) -> None:
        self.missing = set(missing)
        self.errors = list(errors)
        self.requests: list[str] = []
        self.batches: list[int] = []
        self._order: list[float] = []
        self._lock = threading.Lock()

    def is_ready(self, model=None) -> bool:
        return True

    def infer(self, spec, inputs):
        self.requests.append(spec.name)
        if self.errors and self.errors[0] is not None and self.errors[0][0] == spec.name:
            raise self.errors.pop(0)[1]
        return {CENTERLINE.name: self._centerline, QUALITY.name: self._quality}[spec.name](inputs)

    def _centerline(self, inputs):
        percent = float(inputs["volume"][0, 0, 0])
        maps = np.zeros((3, *CROP_SHAPE), np.uint8)
        origin = np.zeros((3, 3), np.float32)
        for number, line in enumerate(LINES):
            if (percent, number) not in self.missing:
                maps[number] = _line_map(line)
                with self._lock:
                    self._order.append((percent, number))
        presence = np.where(maps.any(axis=(1, 2, 3)), 0.9, 0.05).astype(np.float32)
        spacing = np.full(3, CROP_SPACING_MM, np.float32)
        return {"heatmaps": maps, "crop_origin": origin, "crop_spacing": spacing, "presence": presence}

    def _quality(self, inputs):
        count = len(inputs["straightened"])
        self.batches.append(count)
        truth = [TRUTH[percent][number] for percent, number in self._order[:count]]
        del self._order[:count]
        return quality_outputs(truth, inputs["length"][:, 0])


def quality_outputs(truth, lengths):
    """What the quality network would say of vessels of known quality."""
    truth, lengths = np.asarray(truth, np.float32), np.asarray(lengths)
    weights = np.array([0, 1 / 3, 2 / 3, 1])
    probabilities = np.exp(-(((truth[:, None] - weights) / 0.2) ** 2))
    probabilities = (probabilities / probabilities.sum(axis=1, keepdims=True)).astype(np.float32)
    ripple = 0.05 * np.sin(np.arange(SECTIONS) + 7 * truth[:, None])
    sections = np.clip(truth[:, None] + ripple, 0, 1).astype(np.float32)
    sections[:, 3] = np.clip(1 - truth[:, None], 0, 1)[:, 0]
    sections[np.arange(SECTIONS) * SECTION_MM >= lengths[:, None]] = -1
    classes = np.where(sections < 0, -1, np.rint(sections * 3)).astype(np.int32)
    return {
        "class_probabilities": probabilities,
        "quality": truth[:, None],
        "ranking": 4 * truth[:, None],
        "cam": np.zeros((len(truth), 4, SECTIONS), np.float32),
        "section_class": classes,
        "section_quality": sections,
    }


@lru_cache
def _line_map(line):
    start, end = (np.array(point[::-1]) / CROP_SPACING_MM for point in line)
    z, y, x = np.indices(CROP_SHAPE, dtype=np.float32)
    t = np.clip((y - start[1]) / (end[1] - start[1]), 0, 1)
    nearest = start[:, None, None, None] + t * (end - start)[:, None, None, None]
    squared = sum((axis - near) ** 2 for axis, near in zip((z, y, x), nearest, strict=True))
    return np.rint(255 * np.exp(-squared / (2 * 1.5**2))).astype(np.uint8)


PROVENANCE = Provenance(
    Server(name="triton", version="2.51.0", embedded=True),
    (
        Model(
            name="ccta_quality",
            kind="network",
            version="1",
            sha256="ab" * 32,
            source="repository",
            trained_on="annotated CT of ImageCAS",
        ),
    ),
)
#: What everything that was made with these models says.
NOTICE = f"{NOT_FOR_DIAGNOSIS} The networks were trained on annotated CT of ImageCAS."
NOT_A_HEART = Finding("no-contrast", "the volume holds no contrast-filled heart.")


_trees = {}


def extract_once(heatmap, volume, vessel, presence):
    """The real thing, once per vessel: the made-up phases differ in quality, not in geometry."""
    key = vessel.abbreviation if heatmap.values.any() else None
    if key not in _trees:
        tree = extract_vessel(heatmap, volume, vessel, presence)
        _trees[key] = tree
    return _trees[key]


@contextmanager
def checking(findings=()):
    """Let every volume have ``findings``, since these are not hearts."""
    with (
        patch("scanserve.client.ccta.attempts.check_eligibility", lambda phase, volume: findings),
        patch("scanserve.client.ccta.phases.extract_vessel", extract_once),
        patch("scanserve.client.ccta.phases.Bolus", lambda phases: Bolus(())),
    ):
        yield


def infer_of(client=None):
    """How to run models on a made-up server."""
    return Connection(client or FakeClient(), lambda timeout: True, True, None).infer


def analysed(own, client=None, findings=(), **options):
    """The analysis of a made-up study."""
    with checking(findings):
        return analyze(own, infer_of(client), **options)


def run(percents=PERCENTS, *, client=None, override=None, findings=(), **changes):
    """Analyse and describe a made-up study: (result, views)."""
    return run_study(study(percents, **changes), client=client, override=override, findings=findings)


def run_study(own, *, client=None, override=None, findings=()):
    """The same for a study made by hand."""
    stopwatch = Stopwatch()
    analysis = analysed(own, client, findings, override=override, stopwatch=stopwatch)
    decision = decide(analysis, stopwatch)
    return _described(analysis, decision, stopwatch), views_of(analysis, decision)


def described(analysis):
    """The result of an analysis."""
    stopwatch = Stopwatch()
    return _described(analysis, decide(analysis, stopwatch), stopwatch)


def _described(analysis, decision, stopwatch):
    made = Circumstances(PROVENANCE, datetime.now(timezone.utc), timing_of(stopwatch))
    return describe(analysis, decision, made)


#: A phase that is lost, and a series that nobody misses.
LOST = Reconstruction(
    label="30 %",
    series_number=4,
    description="CTA 30 %",
    kind="angiography",
    original=True,
    slices=60,
    files=60,
    step_mm=1.0,
    thickness_mm=1.0,
    coverage_mm=60.0,
    kernel="B26f",
    reasons=(Finding("missing-slices", "3 slices are missing in 1 place."),),
    phase_lost=True,
)
CALCIUM = replace(
    LOST,
    label="75 %",
    series_number=2,
    kind="calcium scoring",
    step_mm=3.0,
    reasons=(Finding("calcium-scoring", "it is for calcium scoring, beside other stacks."),),
    phase_lost=False,
)
