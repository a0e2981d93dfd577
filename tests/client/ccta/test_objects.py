"""From a result to DICOM: on real slices, with the made-up server."""

import numpy as np
import pydicom
import pytest

from scanserve.client.ccta.objects import content_of
from scanserve.client.dicom.write import write_objects
from scanserve.client.runs.figure import RenderedFigure
from scanserve.preprocessing.ct import read_study
from tests.support import ccta_samples as samples
from tests.support import ct_factory as factory
from tests.support.dicom_content import png

PERCENTS = (40.0, 70.0)
FIGURES = [
    RenderedFigure("rca_by_phase", "RCA", "x", "x", png(), "RCA"),
    RenderedFigure("best_of_phases", "Best of phases", "x", "x", png()),
    RenderedFigure("timing", "Timing", "x", "x", png()),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Result and analysis of two phases on disk."""
    folder = tmp_path_factory.mktemp("study")
    for number, percent in enumerate(PERCENTS, start=1):
        stored = (samples.FakePhase(percent).load().hu.astype(int) + 1024).astype(np.int16)
        factory.write_series(
            folder / str(number),
            stored,
            origin=(0.0, 0.0, 0.0),
            step=1.0,
            PixelSpacing=[1.0, 1.0],
            SliceThickness=1.0,
            SeriesDescription=f"CTA {percent:g} %",
            SeriesNumber=number,
            SeriesInstanceUID=f"1.2.9.{number}",
            uid=f"1.2.8.{number}",
        )
    analysis = samples.analysed(read_study(folder))
    return samples.described(analysis), analysis


@pytest.fixture(scope="module")
def content(made):
    return content_of(*made, FIGURES)


def test_every_vessel_is_reported_in_every_phase_and_by_section(content):
    names = [group.identifier for group in content.groups]
    assert names[0] == "All vessels, all phases"
    for vessel in ("RCA", "LAD", "LCX"):
        assert {f"{vessel}, all phases", f"{vessel} in 40 %", f"{vessel} in 70 %"} <= set(names)
    assert any("section 1 (0 to 8 mm" in name for name in names)
    assert len(names) == len(set(names))


def test_trees_are_shown_in_the_best_phases(content, made):
    result, _ = made
    best = {result.overall.best, *(vessel.ranking.best for vessel in result.vessels)}
    assert {labels.description.removeprefix("Coronary lumens in ") for labels in content.labels} == best
    assert {curve.identifier.rsplit(" in ", 1)[1] for curve in content.curves} == best


def test_lumens_lie_where_the_vessels_are(content):
    labels = content.labels[0]
    for number, segment in enumerate(labels.segments, start=1):
        start, end = np.array(samples.LINES[("RCA", "LAD", "LCX").index(segment.label[:3])])
        places = np.argwhere(labels.values == number)[:, ::-1]
        along = (places - start) @ (end - start) / np.linalg.norm(end - start)
        away = np.linalg.norm(
            places - start - along[:, None] * (end - start) / np.linalg.norm(end - start), axis=1
        )
        assert np.median(away) < 3


def test_pictures_are_those_of_the_vessels_and_the_best_of_phases(content):
    assert [capture.name for capture in content.captures] == ["rca_by_phase", "best_of_phases"]


def test_a_group_names_the_slice_at_the_ostium(content):
    group = next(group for group in content.groups if group.identifier == "LCX in 70 %")
    assert float(group.image.ImagePositionPatient[2]) == pytest.approx(samples.LINES[2][0][2], abs=6)
    assert group.image.SeriesInstanceUID == "1.2.9.2"


def test_a_repeated_run_gives_the_same_uids(made, tmp_path):
    instances = []
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        files = write_objects(tmp_path / name, content_of(*made, FIGURES))
        instances.append([pydicom.dcmread(file).SOPInstanceUID for file in files])
    assert instances[0] == instances[1]
