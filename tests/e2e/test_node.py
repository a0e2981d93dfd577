"""A node as a hospital runs it: a study sent by a modality, the real server, the result at a real PACS."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydicom import dcmread

from scanserve.contracts.dat import DENOISE, TEST_SEED
from scanserve.geometry import Grid
from tests.support.node_peers import orthanc, send, storescp, wait_for
from tests.support.node_run import node_process, peer
from tests.support.ports import free_port

pytestmark = pytest.mark.live

#: A test film with a curve.
SPINE_SEED = 600_004


def test_a_study_goes_from_the_modality_to_the_pacs(tmp_path):
    from scanserve.phantoms.dat import write_study

    study = write_study(tmp_path / "brain", TEST_SEED + 2)
    source = dcmread(study / "short.dcm", stop_before_pixels=True)
    port = free_port()
    with orthanc(tmp_path / "orthanc", port) as pacs:
        running = node_process(
            tmp_path / "n",
            analysis__server="own",
            analysis__program=[],
            rules=[{"application": "dat", "modality": "NM"}],
            peers=[peer(pacs.dicom_port, commitment=True)],
            dicom__port=port,
        )
        running.start()
        try:
            send(running.port, [study / "short.dcm"])
            done = 'scanserve_node_jobs{application="dat",state="done"}'
            wait_for(lambda: running.metrics().get(done), timeout_s=240, every_s=0.2)
        finally:
            assert running.end() == 0
        (result,) = (tmp_path / "n" / "results").iterdir()
        report = json.loads((result / "result.json").read_text())
        assert [made["method"] for made in report["restorations"]] == [DENOISE]
        assert report["server"]["embedded"] is False
        (stored,) = pacs.get("/studies?expand")
        assert stored["MainDicomTags"]["StudyInstanceUID"] == source.StudyInstanceUID
        made = [dcmread(file) for file in (result / "dicom").rglob("*.dcm")]
        assert sorted(pacs.instances()) == sorted(ds.SOPInstanceUID for ds in made)


def run_to_its_end(running, application, sources, folder):
    """Start a node, send it one study, and end it; the folder of the result."""
    running.start()
    try:
        send(running.port, sources)
        ended = f'scanserve_node_jobs{{{{application="{application}",state="{{}}"}}}}'
        ends = [ended.format(state) for state in ("done", "refused", "failed")]
        wait_for(lambda: running.metrics().keys() & set(ends), timeout_s=300, every_s=0.2)
        assert ends[0] in running.metrics(), running.log.read_text()
    finally:
        assert running.end() == 0, running.log.read_text()
    (result,) = (folder / "results").iterdir()
    return result


#: Coarse, so that the way through the node takes less than a minute.
HEART = Grid.centred((128, 208, 208), (0.98, 0.98, 0.98))


def test_a_heart_goes_from_the_modality_to_the_pacs(tmp_path):
    """Two phases by `storescu`, analysed by the real server, every object at `storescp`."""
    from scanserve.phantoms.ccta.study import write_study

    write_study(tmp_path / "heart", 11, 2, grid=HEART)
    sources = sorted((tmp_path / "heart").rglob("IM*"))
    study = dcmread(sources[0], stop_before_pixels=True).StudyInstanceUID
    port = free_port()
    with storescp(tmp_path / "pacs", port) as pacs:
        running = node_process(
            tmp_path / "n",
            analysis__server="own",
            analysis__program=[],
            study__instances=len(sources),
            study__quiet_s=300,
            peers=[peer(port)],
        )
        result = run_to_its_end(running, "ccta", sources, tmp_path / "n")
        made = {dcmread(file).SOPInstanceUID for file in (result / "dicom").rglob("*.dcm")}
        stored = [dcmread(file) for file in pacs.iterdir()]
    report = json.loads((result / "result.json").read_text())
    assert len(report["vessels"]) == 3
    hashes = {model["name"]: model["sha256"] for model in report["models"]}
    assert hashes.keys() >= {"ccta_centerline", "ccta_quality"}
    assert hashes["ccta_stage1"]
    assert hashes["ccta_quality"]
    assert {ds.SOPInstanceUID for ds in stored} == made
    assert {ds.StudyInstanceUID for ds in stored} == {study}
    assert {"SR", "SEG", "OT"} <= {ds.Modality for ds in stored}


def test_a_spine_goes_from_the_modality_to_the_pacs(tmp_path):
    """A film by `storescu`, read by the real server; its report and its lines at `storescp`."""
    from scanserve.phantoms.spine import write_study

    write_study(tmp_path / "spine", SPINE_SEED)
    (source,) = (tmp_path / "spine").rglob("*.dcm")
    film, port = dcmread(source, stop_before_pixels=True), free_port()
    with storescp(tmp_path / "pacs", port) as pacs:
        running = node_process(
            tmp_path / "n",
            analysis__server="own",
            analysis__program=[],
            rules=[{"application": "spine", "modality": "DX"}],
            peers=[peer(port)],
        )
        result = run_to_its_end(running, "spine", [source], tmp_path / "n")
        stored = {ds.Modality: ds for ds in map(dcmread, pacs.iterdir())}
    report = json.loads((result / "result.json").read_text())
    truth = json.loads((tmp_path / "spine" / "truth.json").read_text())
    found = np.array([vertebra["corners"] for vertebra in report["vertebrae"]]).reshape(-1, 2)
    assert np.median(np.linalg.norm(found - truth["points"], axis=1)) < 20
    assert {model["name"] for model in report["models"]} >= {"spine_prepare", "spine_unet"}
    assert stored.keys() >= {"SR", "PR"}
    assert {ds.StudyInstanceUID for ds in stored.values()} == {film.StudyInstanceUID}
    numbers = list(angles(stored["SR"]))
    np.testing.assert_allclose(numbers, [curve["degrees"] for curve in report["curves"]], atol=0.06)
    shown = stored["PR"].ReferencedSeriesSequence[0].ReferencedImageSequence[0]
    assert shown.ReferencedSOPInstanceUID == film.SOPInstanceUID


def angles(item):
    """Every Cobb angle below an item of a report, degrees."""
    for inner in item.get("ContentSequence", []):
        if inner.ValueType == "NUM" and inner.ConceptNameCodeSequence[0].CodeValue == "285285000":
            yield float(inner.MeasuredValueSequence[0].NumericValue)
        yield from angles(inner)
