"""DICOM outputs of real runs: valid, the same again, kept by a real archive, and without the patient where asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pydicom
import pytest

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.geometry import Grid
from tests.support import dicom_standard, orthanc
from tests.support.marked_headers import DATE, MARK, leaks, mark, uids_of

pytestmark = pytest.mark.live

#: Coarse, so that a run takes seconds.
GRID = Grid.centred((128, 208, 208), (0.98, 0.98, 0.98))
APPLICATIONS = ("ccta", "dat", "spine")
DICOM_FOLDERS = ("dicom", "series")
PRIVATE = "--deidentify"
#: Restored counts are fractions, so that their series has a rescale slope and intercept, which the class of nuclear
#: medicine images does not know: a standard extended SOP class (docs/outputs.md).
EXTENSIONS = {"General: (0028,1052) TagUnexpected", "General: (0028,1053) TagUnexpected"}


def needs(*programs: str):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs Debian's {', '.join(missing)}")


@pytest.fixture(scope="module")
def studies(tmp_path_factory) -> dict[str, Path]:
    """A study of each application, marked in every text element."""
    from scanserve.phantoms.ccta.study import write_study as write_heart
    from scanserve.phantoms.dat import write_study as write_brain
    from scanserve.phantoms.spine.study import write_study as write_film

    folder = tmp_path_factory.mktemp("studies")
    write_heart(folder / "ccta", 11, 2, grid=GRID)
    write_brain(folder / "dat", 7)
    write_film(folder / "spine", 7, rows=1000)
    for name in APPLICATIONS:
        (folder / name / "truth.json").unlink()
        mark(folder / name)
    _state_film(folder / "spine")
    return {name: folder / name for name in APPLICATIONS}


def _state_film(folder: Path) -> None:
    """What a film must state to be read, in the place of its marks."""
    for path in folder.glob("*.dcm"):
        ds = pydicom.dcmread(path)
        ds.BodyPartExamined, ds.ViewPosition, ds.PatientOrientation = "SPINE", "AP", ["L", "F"]
        ds.PresentationLUTShape, ds.PresentationIntentType = "IDENTITY", "FOR PRESENTATION"
        ds.PixelIntensityRelationship, ds.VOILUTFunction = "LOG", "LINEAR"
        ds.save_as(path)


def run(application: str, study: Path, folder: Path, *options: str) -> Path:
    """Run the command as a user does, with its home and temporary folders below ``folder``; all that it wrote."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True)
    env = {**os.environ, "NO_COLOR": "1", "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    command = [sys.executable, "-m", "scanserve.client.cli", application, str(study)]
    command += ["--out", str(folder / "out"), "--dicom", *options]
    done = subprocess.run(command, capture_output=True, timeout=600, env=env, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (folder / "screen").write_bytes(done.stdout + done.stderr)
    return folder


@pytest.fixture(scope="module")
def runs(studies, tmp_path_factory) -> Callable[..., Path]:
    """Runs an application with options, once; gives what it wrote."""

    @cache
    def get(application: str, *options: str) -> Path:
        return run(application, studies[application], tmp_path_factory.mktemp("run"), *options)

    return get


@pytest.fixture(scope="module", params=APPLICATIONS)
def named(request, runs) -> tuple[str, Path]:
    """What a run wrote that may name the patient."""
    return request.param, runs(request.param)


@pytest.fixture(scope="module", params=APPLICATIONS)
def nameless(request, runs) -> tuple[str, Path]:
    """What a run wrote with ``--deidentify``."""
    return request.param, runs(request.param, PRIVATE)


@pytest.fixture(
    scope="module", params=[(name, *more) for name in APPLICATIONS for more in ((), (PRIVATE,))], ids=str
)
def written(request, runs) -> tuple[tuple[str, ...], Path]:
    """What either wrote, with the application and the options."""
    return request.param, runs(*request.param)


def files_of(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "dicom").glob("*.dcm"))


def kinds_of(folder: Path) -> set[str]:
    return {pydicom.dcmread(file, stop_before_pixels=True).SOPClassUID.name for file in files_of(folder)}


def errors_of(program: str, files: list[Path]) -> list[str]:
    done = subprocess.run(
        [program, *map(str, files)], capture_output=True, text=True, timeout=120, check=False
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]


def test_every_kind_of_object_is_written(named):
    application, folder = named
    kinds = {"Comprehensive SR Storage", "Secondary Capture Image Storage"}
    own = {
        "ccta": {"Segmentation Storage", "Comprehensive 3D SR Storage"},
        "dat": {"Nuclear Medicine Image Storage"},
        "spine": {"Grayscale Softcopy Presentation State Storage"},
    }
    assert kinds_of(folder) == kinds | own[application]


@needs("dciodvfy")
def test_objects_obey_their_definition(written, studies):
    """Restored slices take their header over, and with it what the marks make wrong in the source."""
    (application, *options), folder = written
    source = next(file for file in sorted(studies[application].rglob("*")) if file.is_file())
    inherited = set(errors_of("dciodvfy", [source])) if not options else set()
    for file in files_of(folder):
        own = set(errors_of("dciodvfy", [file]))
        assert own - (inherited if file.name.startswith("series-") else set()) == set(), file.name


def test_objects_pass_the_validator_of_the_standard(written, studies):
    """Type and condition of every attribute, in nested items too, which ``dciodvfy`` looks at less closely.

    What a source has of its patient that is not in the standard (any more) is in the objects too.  A restored series
    that names the patient has the whole header of its source, in which the marks stand where no attribute belongs.
    """
    (application, *options), folder = written
    source = next(file for file in sorted(studies[application].rglob("*")) if file.is_file())
    inherited = set() if options else set(dicom_standard.errors_of(pydicom.dcmread(source)))
    for file in files_of(folder):
        if options or not file.name.startswith("series-"):
            own = set(dicom_standard.errors_of(pydicom.dcmread(file)))
            assert own - inherited - EXTENSIONS == set(), file.name


@needs("dcentvfy")
def test_objects_agree_on_patient_and_study(written):
    _, folder = written
    assert errors_of("dcentvfy", files_of(folder)) == []


@needs("dcentvfy")
def test_objects_agree_with_their_sources(named, studies):
    application, folder = named
    sources = [file for file in sorted(studies[application].rglob("*")) if file.is_file()]
    assert errors_of("dcentvfy", [*sources[:3], *files_of(folder)]) == []


def test_patient_study_and_frame_of_reference_are_the_sources(named, studies):
    application, folder = named
    source = pydicom.dcmread(next(file for file in studies[application].rglob("*") if file.is_file()))
    for file in files_of(folder):
        ds = pydicom.dcmread(file)
        assert ds.StudyInstanceUID == source.StudyInstanceUID
        assert (ds.PatientName, ds.PatientID) == (source.PatientName, source.PatientID)
        if "FrameOfReferenceUID" in ds:
            assert ds.FrameOfReferenceUID == source.FrameOfReferenceUID


def test_every_object_says_what_it_is_not_for_and_what_was_learned_from(written):
    _, folder = written
    for file in files_of(folder):
        ds = pydicom.dcmread(file)
        said = ds.ContributingEquipmentSequence[-1].ContributionDescription
        assert said.startswith(NOT_FOR_DIAGNOSIS), file.name


def test_a_repeated_run_gives_the_same_uids(runs, studies, tmp_path):
    """Of the shorter run; of the other, ``tests/client/ccta/test_objects.py``."""
    assert _instances(run("dat", studies["dat"], tmp_path)) == _instances(runs("dat"))


def _instances(folder: Path) -> dict[str, tuple[str, str]]:
    read = {file.name: pydicom.dcmread(file, stop_before_pixels=True) for file in files_of(folder)}
    return {name: (ds.SeriesInstanceUID, ds.SOPInstanceUID) for name, ds in read.items()}


@pytest.mark.skipif(not orthanc.is_installed(), reason="needs Debian's orthanc and orthanc-dicomweb")
def test_an_archive_keeps_what_was_stored(named, tmp_path):
    _, folder = named
    own = {ds.SOPInstanceUID: ds for ds in map(pydicom.dcmread, files_of(folder))}
    study = next(iter(own.values())).StudyInstanceUID
    with orthanc.running_orthanc(tmp_path) as server:
        answer = server.store(files_of(folder))
        assert not answer["00081198"].get("Value"), "FailedSOPSequence"
        assert len(answer["00081199"]["Value"]) == len(own), "ReferencedSOPSequence"
        found = server.query(f"studies/{study}/instances")
        assert {item["00080018"]["Value"][0] for item in found} == set(own)
        (listed,) = server.query(f"studies?PatientID={next(iter(own.values())).PatientID}")
        assert listed["0020000D"]["Value"] == [study]
        for ds in server.retrieve(f"studies/{study}"):
            assert ds == own[ds.SOPInstanceUID], ds.SOPClassUID.name


def test_outside_dicom_nothing_names_the_patient(named):
    _, folder = named
    assert leaks(folder, DATE.encode(), without=DICOM_FOLDERS) == {}


def test_marks_are_found_where_they_belong(named):
    """The search itself works: objects name the patient as their study does."""
    _, folder = named
    assert MARK.search((folder / "out" / "dicom" / "report.dcm").read_bytes())


def test_deidentified_outputs_hold_nothing_of_the_source(nameless, studies):
    application, folder = nameless
    assert leaks(folder, DATE.encode(), *uids_of(studies[application])) == {}


def test_deidentified_outputs_record_profile_and_options(nameless):
    _, folder = nameless
    result = json.loads((folder / "out" / "result.json").read_text())
    assert result["deidentification"] == [
        "113100 Basic Application Confidentiality Profile",
        "113105 Clean Descriptors Option",
    ]
    for file in files_of(folder):
        ds = pydicom.dcmread(file)
        assert ds.PatientIdentityRemoved == "YES"
        assert [item.CodeValue for item in ds.DeidentificationMethodCodeSequence] == ["113100", "113105"]


def test_deidentified_objects_still_belong_together(nameless):
    _, folder = nameless
    result = json.loads((folder / "out" / "result.json").read_text())
    found = {pydicom.dcmread(file).StudyInstanceUID for file in files_of(folder)}
    assert found == {result["study"]["study_instance_uid"]}
