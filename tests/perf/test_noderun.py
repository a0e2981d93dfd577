"""A node of a benchmark: the studies that it is sent, what its metrics say, and that it ends with its block."""

import subprocess
import sys

import numpy as np
import psutil
import pytest
from pydicom import dcmread

from scanserve.contracts import ResultError, SetupError
from scanserve.contracts.dat import TEST_SEED
from scanserve.perf import noderun
from scanserve.perf.noderun import NodeRun, Settings, copy_study, running_node
from tests.support.node_studies import write_study

METRICS = {
    'scanserve_node_jobs{application="ccta",state="done"}': 2.0,
    'scanserve_node_jobs{application="none",state="done"}': 1.0,
    'scanserve_node_jobs{application="ccta",state="running"}': 1.0,
    'scanserve_node_stage_seconds_total{stage="waiting"}': 3.5,
}


@pytest.fixture
def node(monkeypatch, tmp_path):
    (tmp_path / "node.log").write_text("first\nerror [port-in-use]: taken\n")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        found = NodeRun(tmp_path, Settings("ccta"), process, (1, 2))
        monkeypatch.setattr(found, "_metrics", lambda: METRICS)
        yield found
        process.kill()


def test_a_copy_is_another_study_of_the_same_images(tmp_path):
    write_study(tmp_path / "study", 2, series=2)
    (tmp_path / "study" / "truth.json").write_text("{}")
    sources = [dcmread(file) for file in sorted((tmp_path / "study").glob("*.dcm"))]

    copies = [
        dcmread(file) for file in sorted(copy_study(tmp_path / "study", tmp_path / "copy", 3).iterdir())
    ]

    assert len(copies) == len(sources) == 4
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        before, after = ([ds[name].value for ds in found] for found in (sources, copies))
        assert not set(before) & set(after)
        assert len(set(before)) == len(set(after))
    for source, copy in zip(sources, copies, strict=True):
        assert copy.file_meta.MediaStorageSOPInstanceUID == copy.SOPInstanceUID
        np.testing.assert_array_equal(copy.pixel_array, source.pixel_array)


def test_metrics_are_summed_by_state(node):
    assert (node.jobs("done"), node.jobs("running"), node.jobs("failed")) == (3, 1, 0)
    assert node.total("stage_seconds", "stage", "waiting") == 3.5
    assert node.total("stage_seconds", "stage", "analysis") == 0


def test_a_study_that_fails_is_no_measurement(node, monkeypatch):
    assert node.wait(lambda: True) > 0
    monkeypatch.setitem(METRICS, 'scanserve_node_jobs{application="ccta",state="failed"}', 1.0)
    with pytest.raises(ResultError, match=r"error \[port-in-use\]: taken"):
        node.wait(lambda: False)


def test_a_missing_tool_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="Debian has it in the package dcmtk") as error:
        noderun._tool("storescu")
    assert error.value.code == "extra-missing"


@pytest.mark.live
def test_a_study_passes_through_a_node_that_leaves_nothing(tmp_path):
    from scanserve.perf.nodes import _pass
    from scanserve.phantoms.dat import write_study as write_brain

    try:
        noderun._tool("storescu")
    except SetupError as error:
        pytest.skip(error.message)
    brain = write_brain(tmp_path / "brain", TEST_SEED + 2)
    for name in ("reference.dcm", "truth.json"):
        (brain / name).unlink()
    settings = Settings("dat", server="each", quiet_s=0.5)
    before = set(psutil.Process().children(recursive=True))  # of other tests
    with running_node(tmp_path / "run", settings) as node:
        processes = set(psutil.Process().children(recursive=True)) - before
        passage = _pass(node, brain)
        assert node.processor_s() > 1

    assert processes
    assert not [process for process in processes if process.is_running()]
    assert list((tmp_path / "run" / "archive").iterdir())
    split = passage.noticed_s + passage.waited_s + passage.analysed_s + passage.returned_s
    assert split == pytest.approx(passage.total_s)
    assert 0 < passage.server_s < passage.inside_s < passage.analysed_s < passage.total_s
    assert 0 < passage.dicom_s < passage.inside_s
    assert -0.1 < passage.noticed_s < 5
