"""All DICOM objects of a run, as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset

from scanserve.client.dicom.content import Content
from scanserve.client.dicom.identity import Identity
from scanserve.client.runs.output import DICOM
from scanserve.preprocessing.dicom import quiet_pydicom

__all__ = ["objects_of", "write_objects"]


def write_objects(folder: Path, content: Content, *, deidentify: bool = False) -> list[Path]:
    """Write every object of a run to ``dicom`` in ``folder``, which must not hold it yet.

    Args:
        folder: exists.
        content: what the run says.
        deidentify: whether the objects follow the basic profile of PS3.15.

    Returns:
        The files: ``report.dcm``, and where there is such content ``centerlines.dcm``, ``lines.dcm``,
        ``segmentation-*.dcm``, ``picture-*.dcm`` and the further objects by their name.
    """
    from scanserve.client.dicom.deidentify import deidentified, deidentify_object

    target = folder / DICOM
    target.mkdir()
    written = []
    with quiet_pydicom():
        for name, ds in objects_of(deidentified(content) if deidentify else content):
            if deidentify and name not in content.files:
                deidentify_object(ds)
            path = target / f"{name}.dcm"
            ds.save_as(path, enforce_file_format=True)
            written.append(path)
    return written


def objects_of(content: Content) -> Iterator[tuple[str, Dataset]]:
    """The objects of a run by name, in the order in which they are read."""
    from scanserve.client.dicom.capture import capture_object
    from scanserve.client.dicom.curves import curves_object
    from scanserve.client.dicom.presentation import presentation_object
    from scanserve.client.dicom.report import report_object
    from scanserve.client.dicom.segmentation import segmentation_object

    identity = Identity.of(content)
    yield "report", report_object(content, identity)
    if content.curves:
        yield "centerlines", curves_object(content, identity)
    if content.drawings:
        yield "lines", presentation_object(content, identity)
    for number, labels in enumerate(content.labels):
        if labels.values.any():
            yield f"segmentation-{labels.name}", segmentation_object(labels, identity, 10 + number)
    for instance, capture in enumerate(content.captures, start=1):
        yield f"picture-{capture.name}", capture_object(content, identity, capture, instance)
    yield from content.files.items()
