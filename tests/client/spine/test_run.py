import json

import numpy as np
import pytest
from PIL import Image

from scanserve.client.spine.result import Result
from scanserve.client.spine.run import Options, run
from scanserve.contracts import InferenceError, InputError, ServerError
from tests.support import film_factory


def refused(options, samples):
    with pytest.raises(InputError) as caught:
        run(options, samples.no_connection)
    assert not options.out.exists()
    return caught.value.code


def test_everything_is_written(measured):
    out, result = measured
    assert {path.name for path in out.iterdir()} == {
        "result.json",
        "report.html",
        "figures",
        "dicom",
        ".scanserve.sha256",
    }
    assert Result.model_validate_json((out / "result.json").read_text()) == result
    assert {path.name for path in (out / "dicom").iterdir()} == {
        "report.dcm",
        "lines.dcm",
        "picture-overlay.dcm",
    }


def test_corners_and_curves_are_what_the_network_found(measured, samples):
    _, result = measured
    np.testing.assert_allclose(result.points, samples.corners(), atol=0.02)
    (curve,) = result.curves
    assert (curve.upper, curve.lower, curve.patient_side) == ("T1", "L5", "left")
    assert curve.degrees == pytest.approx(30, abs=0.1)
    assert result.largest_degrees == pytest.approx(30, abs=0.1)
    assert result.corrections == []
    assert [model.name for model in result.models] == ["spine_prepare", "spine_unet"]


def test_nothing_of_the_patient_is_in_the_result(measured):
    out, _ = measured
    for name in ("result.json", "report.html"):
        assert "Curve^Test" not in (out / name).read_text()


def test_pixels_that_are_not_square_give_the_same_angle(samples, tmp_path):
    squeezed = samples.shown()[::2]
    film_factory.write(tmp_path / "study", values=squeezed, ImagerPixelSpacing=[0.4, 0.2])
    client = samples.FakeClient(off=0)
    result = run(Options(tmp_path / "study", tmp_path / "out"), samples.connecting(client))
    assert result.curves[0].degrees == pytest.approx(30, abs=0.1)
    np.testing.assert_allclose(result.points, (samples.corners() + 0.5) * (1, 0.5) - 0.5, atol=0.05)


def test_a_monochrome1_twin_gives_the_same_result(samples, tmp_path):
    film_factory.write(
        tmp_path / "study", values=1 - samples.shown(), PhotometricInterpretation="MONOCHROME1"
    )
    result = run(Options(tmp_path / "study", tmp_path / "out"), samples.connecting(samples.FakeClient(off=0)))
    np.testing.assert_allclose(result.points, samples.corners(), atol=0.02)


def test_pictures_are_measured_where_their_shape_is_said(samples, tmp_path):
    (tmp_path / "study").mkdir()
    Image.fromarray(np.rint(samples.shown() * 255).astype(np.uint8)).save(tmp_path / "study" / "film.png")
    assert refused(Options(tmp_path / "study", tmp_path / "out"), samples) == "no-film"
    options = Options(tmp_path / "study", tmp_path / "out", pictures=True)
    assert refused(options, samples) == "no-pixel-aspect"
    options = Options(tmp_path / "study", tmp_path / "out", pictures=True, aspect=1.0)
    result = run(options, samples.connecting(samples.FakeClient(off=0)))
    assert result.study.kind == "picture"
    assert {"picture-film", "sides-unknown", "view-unknown"} <= {note.code for note in result.warnings}
    assert result.curves[0].patient_side is None


def test_a_picture_has_no_objects(samples, tmp_path):
    (tmp_path / "study").mkdir()
    Image.fromarray(np.rint(samples.shown() * 255).astype(np.uint8)).save(tmp_path / "study" / "film.png")
    options = Options(tmp_path / "study", tmp_path / "out", pictures=True, aspect=1.0, dicom=True)
    with pytest.raises(InputError) as caught:
        run(options, samples.connecting(samples.FakeClient()))
    assert caught.value.code == "picture-no-objects"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ViewPosition": "LL"}, "not-frontal"),
        ({"BodyPartExamined": "CHEST"}, "no-spine-film"),
        ({"kind": "SC", "ImagerPixelSpacing": None}, "no-pixel-aspect"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "inconsistent-photometry"),
    ],
)
def test_bad_films_are_refused_before_any_server(samples, tmp_path, changes, code):
    samples.write_study(tmp_path / "study", **changes)
    assert refused(Options(tmp_path / "study", tmp_path / "out"), samples) == code


def test_two_films_are_refused_without_a_choice(samples, tmp_path):
    samples.write_study(tmp_path / "study")
    film_factory.write(tmp_path / "study", "b.dcm", seed="2", SeriesNumber=2)
    assert refused(Options(tmp_path / "study", tmp_path / "out"), samples) == "several-films"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"network": "resnet"}, "unknown-method"),
        ({"photometry": "upside"}, "unknown-photometry"),
        ({"aspect": 0.0}, "aspect-invalid"),
    ],
)
def test_wrong_options_are_refused(tmp_path, wrong, code):
    with pytest.raises(InputError) as caught:
        Options(tmp_path, tmp_path / "out", **wrong)
    assert caught.value.code == code


def test_the_other_network_is_asked(study, samples, tmp_path):
    client = samples.FakeClient()
    result = run(Options(study, tmp_path / "out", "spine_hrnet"), samples.connecting(client))
    assert result.network == "spine_hrnet"
    assert {sent[0] for sent in client.sent} == {"spine_prepare", "spine_hrnet"}


def corrected(measured, tmp_path, **changes):
    """A result in which a reader has fixed a corner."""
    _, result = measured
    vertebrae = list(result.vertebrae)
    first = vertebrae[0]
    place = (first.corners[0][0] - 5, first.corners[0][1])
    vertebrae[0] = first.model_copy(
        update={"corners": (place, *first.corners[1:]), "fixed": (True, False, False, False)}
    )
    study = result.study.model_copy(update=changes)
    path = tmp_path / "earlier.json"
    path.write_text(result.model_copy(update={"vertebrae": vertebrae, "study": study}).to_json())
    return path, place


def test_earlier_corrections_are_kept(measured, study, samples, tmp_path):
    path, place = corrected(measured, tmp_path)
    client = samples.FakeClient()
    result = run(Options(study, tmp_path / "out", corrections=path), samples.connecting(client))
    assert result.points[0] == pytest.approx(place)
    assert np.flatnonzero(result.fixed).tolist() == [0]
    np.testing.assert_allclose(result.points[1:4], samples.corners()[1:4], atol=0.02)


def test_corrections_of_another_film_are_refused(measured, study, samples, tmp_path):
    path, _ = corrected(measured, tmp_path, sha256="0" * 64)
    assert refused(Options(study, tmp_path / "out", corrections=path), samples) == "hints-of-another-film"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "no json"])
def test_corrections_that_are_none_are_refused(study, samples, tmp_path, text):
    (tmp_path / "earlier.json").write_text(text)
    options = Options(study, tmp_path / "out", corrections=tmp_path / "earlier.json")
    assert refused(options, samples) == "corrections-invalid"


def test_what_looks_doubtful_is_said(study, samples, tmp_path):
    peaks = np.full(68, 0.9)
    peaks[:4] = 0.05
    result = run(Options(study, tmp_path / "out"), samples.connecting(samples.FakeClient(peaks=peaks)))
    assert [vertebra.name for vertebra in result.doubtful] == ["T1"]
    assert [note.code for note in result.warnings] == ["doubtful-vertebrae", "spine-truncated"]


def test_a_film_in_which_nothing_is_certain_is_told_first(study, samples, tmp_path):
    peaks = np.full(68, 0.05)
    result = run(Options(study, tmp_path / "out"), samples.connecting(samples.FakeClient(peaks=peaks)))
    assert result.warnings[0].code == "spine-not-seen"
    assert "spine-not-seen" in (tmp_path / "out" / "report.html").read_text()


def test_one_death_of_the_server_is_survived(study, samples, tmp_path, monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience.time.sleep", lambda seconds: None)
    client = samples.FakeClient()
    errors = [ServerError("server-unavailable", "gone.")]
    infer = client.infer
    client.infer = lambda spec, inputs: (_ for _ in ()).throw(errors.pop()) if errors else infer(spec, inputs)
    assert run(Options(study, tmp_path / "out"), samples.connecting(client)).curves


def test_an_error_of_the_server_leaves_nothing(study, samples, tmp_path):
    client = samples.FakeClient()

    def fail(spec, inputs):
        raise InferenceError("request-refused", "no.")

    client.infer = fail
    with pytest.raises(InferenceError):
        run(Options(study, tmp_path / "out"), samples.connecting(client))
    assert list(tmp_path.iterdir()) == []


def test_without_a_patient_s_name_the_result_has_other_uids(study, samples, tmp_path):
    options = Options(study, tmp_path / "out", dicom=True, deidentify=True)
    result = run(options, samples.connecting(samples.FakeClient(off=0)))
    plain = run(Options(study, tmp_path / "plain"), samples.connecting(samples.FakeClient(off=0)))
    assert result.study.sop_instance_uid != plain.study.sop_instance_uid
    assert result.created.year == 1900
    assert len(result.deidentification) == 2
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert b"Curve^Test" not in path.read_bytes()
            assert plain.study.sop_instance_uid.encode() not in path.read_bytes()


def test_the_kind_of_the_file_is_that_of_the_application(measured):
    out, _ = measured
    known = json.loads((out / "result.json").read_text())
    assert (known["kind"], known["schema_version"]) == ("scanserve.spine.result", "1.1")
