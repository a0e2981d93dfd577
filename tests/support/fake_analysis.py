"""An analysis that takes no time: ``python fake_analysis.py APPLICATION STUDY --out OUT [--wait SECONDS]``.

It writes what the real ones write: a result, a report, and one DICOM object in ``dicom``, whose identifiers follow
from the input alone.  Where a file ``fail-<code>`` lies beside it, it fails as the command line fails.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

COPIED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
)


def uid(*parts: str) -> str:
    """The same UID for the same parts."""
    return f"2.25.{int(hashlib.md5(' '.join(parts).encode()).hexdigest(), 16)}"


def made_of(files: list[Path]) -> Dataset:
    """The object that stands for the result."""
    heads = [dcmread(file, stop_before_pixels=True) for file in files]
    instances = sorted(head.SOPInstanceUID for head in heads)
    ds = Dataset()
    for keyword in COPIED:
        setattr(ds, keyword, heads[0].get(keyword, ""))
    ds.Manufacturer, ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "scanserve", "OT", 9001, 1
    ds.AccessionNumber, ds.ReferringPhysicianName, ds.StudyID = "", "", ""
    ds.SeriesInstanceUID, ds.SOPInstanceUID = uid("series", *instances), uid("instance", *instances)
    ds.SOPClassUID, ds.ConversionType = SecondaryCaptureImageStorage, "WSD"
    ds.ImageComments = f"{len(files)} instances"
    ds.Rows = ds.Columns = 8
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = bytes(64)
    ds["PixelData"].VR = "OB"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds


def fail_as_told(said: str) -> None:
    for file in Path(__file__).parent.glob("fail-*"):
        sys.stderr.write(f"error [{file.name.removeprefix('fail-')}]: {said}\n")
        sys.exit(int(file.read_text()))


def main(application: str, study: str, out: Path, wait_s: float) -> None:
    """Analyse a study."""
    files = sorted(Path(study).iterdir())
    ds = made_of(files)
    fail_as_told(f"the study of {ds.PatientName} is not usable")
    time.sleep(wait_s)
    partial = out.with_name(f".{out.name}.partial")
    (partial / "dicom").mkdir(parents=True)
    ds.save_as(partial / "dicom" / "result.dcm", enforce_file_format=True)
    (partial / "result.json").write_text(json.dumps({"application": application, "instances": len(files)}))
    (partial / "report.html").write_text(f"<h1>Report</h1><p>{len(files)} instances; not for diagnosis.</p>")
    partial.rename(out)


if __name__ == "__main__":
    given = dict(zip(sys.argv[3::2], sys.argv[4::2], strict=True))
    main(sys.argv[1], sys.argv[2], Path(given["--out"]), float(given.get("--wait", 0)))
