"""The objects of a run, as others read them."""

import numpy as np
import pydicom
import pytest
from highdicom import sr

from scanserve.client.spine.result import Correction
from scanserve.client.spine.run import Found, Options, SpineSteps


def read(measured, name):
    return pydicom.dcmread(measured[0] / "dicom" / f"{name}.dcm")


def values(ds, kind):
    """Content items of a value type, anywhere in the tree."""
    found = []
    for item in ds.get("ContentSequence", []):
        found += [item] if item.get("ValueType") == kind else []
        found += values(item, kind)
    return found


def test_the_report_has_one_cobb_angle_with_four_places(measured):
    ds = read(measured, "report")
    sr.ComprehensiveSR.from_dataset(ds)
    (number,) = values(ds, "NUM")
    code = number.ConceptNameCodeSequence[0]
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("285285000", "SCT")
    measured_value = number.MeasuredValueSequence[0]
    assert float(measured_value.NumericValue) == pytest.approx(30, abs=0.1)
    assert measured_value.MeasurementUnitsCodeSequence[0].CodeValue == "deg"
    (place,) = values(number, "SCOORD")
    assert place.GraphicType == "POLYLINE"
    points = np.array(place.GraphicData).reshape(4, 2)
    edges = np.diff(points.reshape(2, 2, 2), axis=1)[:, 0]
    cosine = edges[0] @ edges[1] / np.prod(np.linalg.norm(edges, axis=1))
    assert np.degrees(np.arccos(cosine)) == pytest.approx(30, abs=0.1)


def test_places_count_from_the_corner_of_the_first_pixel(measured):
    _, result = measured
    (place,) = values(read(measured, "report"), "SCOORD")
    np.testing.assert_allclose(
        place.GraphicData[:2], np.array(result.curves[0].upper_edge[0]) + 0.5, rtol=1e-5
    )


def test_vertebrae_are_named_by_their_codes(measured):
    found = {
        item.ConceptNameCodeSequence[0].CodeMeaning: item.ConceptCodeSequence[0].CodeMeaning
        for item in values(read(measured, "report"), "CODE")
        if item.ConceptNameCodeSequence[0].CodingSchemeDesignator == "99SCANSERVE"
    }
    assert found["Upper end vertebra"] == "T1 vertebra"
    assert found["Lower end vertebra"] == "L5 vertebra"
    assert found["Side to which the curve is convex"] == "Left"


def test_the_presentation_state_draws_lines_on_the_film(measured, study):
    ds = read(measured, "lines")
    film = pydicom.dcmread(next(study.glob("*.dcm")))
    (annotation,) = ds.GraphicAnnotationSequence
    assert annotation.ReferencedImageSequence[0].ReferencedSOPInstanceUID == film.SOPInstanceUID
    assert len(annotation.GraphicObjectSequence) == 2 + 17
    assert {item.GraphicType for item in annotation.GraphicObjectSequence} == {"POLYLINE"}
    assert "T1" in [item.UnformattedTextValue for item in annotation.TextObjectSequence]
    assert ds.SoftcopyVOILUTSequence[0].WindowWidth == film.WindowWidth
    assert ds.PresentationLUTShape == "IDENTITY"


@pytest.mark.parametrize("shift", [(-140, 0), (190, 0), (0, -140), (0, 140)])
def test_lines_at_the_border_end_there_and_keep_their_direction(samples, tmp_path, shift):
    from scanserve.client.spine.run import run

    points = samples.corners() + shift
    study = samples.write_study(tmp_path / "study")
    run(Options(study, tmp_path / "out", dicom=True), samples.connecting(samples.FakeClient(points, off=0)))
    ds = pydicom.dcmread(tmp_path / "out" / "dicom" / "lines.dcm")
    drawn = [
        np.array(item.GraphicData).reshape(-1, 2)
        for item in ds.GraphicAnnotationSequence[0].GraphicObjectSequence
    ]
    assert min(line.min() for line in drawn) >= 0
    assert max(line[:, 0].max() for line in drawn) <= 400
    assert max(line[:, 1].max() for line in drawn) <= 900
    if not shift[1]:
        way = drawn[0][1] - drawn[0][0]
        assert np.degrees(np.arctan2(way[1], way[0])) == pytest.approx(-15, abs=0.5)


def test_a_monochrome1_film_stays_inverted(samples, tmp_path):
    samples.write_study(tmp_path / "study", PhotometricInterpretation="MONOCHROME1", BitsStored=12)
    options = Options(tmp_path / "study", tmp_path / "out", photometry="reversed", dicom=True)
    from scanserve.client.spine.run import run

    run(options, samples.connecting(samples.FakeClient()))
    assert pydicom.dcmread(tmp_path / "out" / "dicom" / "lines.dcm").PresentationLUTShape == "INVERSE"


def test_who_corrected_is_an_observer_and_the_objects_are_others(study, samples, tmp_path):
    from datetime import datetime, timezone

    from scanserve.client.runs.provenance import Provenance
    from scanserve.client.runs.steps import Analysed, write_out

    seen = []
    for name, points in (("plain", ()), ("corrected", (0,))):
        steps = SpineSteps(Options(study, tmp_path / name, dicom=True))
        taken = steps.read()
        found = steps.analyse(taken, samples.FakeClient(off=0).infer)
        if points:
            when = datetime(2026, 1, 1, tzinfo=timezone.utc)
            entry = Correction(
                action="moved", who="Dr Who", when=when, point=0, name="T1 top-left", start=(1, 2), end=(3, 4)
            )
            found = Found(found.reading, (entry,))
        write_out(steps, Analysed(taken, found, Provenance()))
        seen.append(pydicom.dcmread(tmp_path / name / "dicom" / "report.dcm"))
    plain, corrected = seen
    assert plain.SOPInstanceUID != corrected.SOPInstanceUID
    names = [item.PersonName for item in values(corrected, "PNAME")]
    assert [str(name) for name in names] == ["Dr Who^"]
    assert values(plain, "PNAME") == []
    assert [item.TextValue for item in values(corrected, "TEXT") if "scanserve" in item.TextValue]
