"""Centerlines as a Comprehensive 3D SR: each is a polyline (SCOORD3D) from which its length is inferred.

Of the objects that hold curves in space this is the one that viewers and libraries read, that needs no pixels, and that
names what a curve is by a code.  Spatial Fiducials hold points only and are hardly read; presentation states hold
curves in the plane of an image; structure sets are for closed contours in most viewers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset

from scanserve.client.dicom.codes import LENGTH, MM, own
from scanserve.client.dicom.content import Content, Curve
from scanserve.client.dicom.identity import Identity, finish
from scanserve.client.dicom.report import algorithm_of, measurement_report

if TYPE_CHECKING:
    from highdicom import sr

__all__ = ["curves_object"]

CENTERLINE = own("centerline", "Centerline of a vessel")


def curves_object(content: Content, identity: Identity) -> Dataset:
    """The centerlines of a run, at least one, in the frame of reference of the sources."""
    from highdicom import sr

    frame = content.sources.patient.FrameOfReferenceUID
    groups = [_group(curve, identity, frame) for curve in content.curves]
    root = measurement_report(content, identity, groups)
    ds = sr.Comprehensive3DSR(
        evidence=content.sources.images,
        content=root[0],
        is_complete=True,
        **identity.series("centerlines", 2),
    )
    return finish(ds, identity, f"{content.title}: centerlines")


def _group(curve: Curve, identity: Identity, frame: str) -> sr.MeasurementsAndQualitativeEvaluations:
    from highdicom import sr

    place = sr.CoordinatesForMeasurement3D(
        sr.GraphicTypeValues3D.POLYLINE,
        np.asarray(curve.points, np.float64),
        frame,
        fiducial_uid=identity.uid("fiducial", curve.identifier),
    )
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(identity.uid("curve", curve.identifier), curve.identifier),
        finding_type=CENTERLINE,
        algorithm_id=algorithm_of(identity),
        finding_sites=[sr.FindingSite(curve.site)],
        measurements=[sr.Measurement(LENGTH, round(curve.length_mm, 3), MM, referenced_coordinates=[place])],
    )
