import json

import numpy as np
import pydicom
import pytest

from scanserve.client.dat.result import Result
from scanserve.client.dat.run import Options, restore, run
from scanserve.contracts import InferenceError, InputError, ServerError
from scanserve.preprocessing import read_tomograms
from scanserve.preprocessing.dat import select_slices


def test_everything_is_written(restored):
    out, result = restored
    names = {"result.json", "report.html", "figures", "series", ".scanserve.sha256"}
    assert {path.name for path in out.iterdir()} == names
    assert Result.model_validate_json((out / "result.json").read_text()) == result
    assert {path.name for path in (out / "series").iterdir()} == {"gaussian.dcm", "bilateral.dcm"}
    assert result.server is None
    assert {"read", "figures", "Gaussian filter"} <= {span.stage for span in result.timing.spans}


def test_the_input_is_what_the_readers_give(restored, study):
    (tomogram,) = read_tomograms(study).tomograms
    counts = tomogram.load()
    selection = select_slices(counts)
    _, result = restored
    assert np.array_equal(result.input.to_array(), selection.cut(counts))
    assert result.selected.frames == [index + 1 for index in selection.indices]
    assert result.selected.scales == list(selection.scales)


def test_the_series_holds_what_the_result_says(restored):
    out, result = restored
    (tomogram,) = read_tomograms(out / "series" / "gaussian.dcm").tomograms
    at = result.selected
    counts = tomogram.load()[:, at.row : at.row + 64, at.column : at.column + 64]
    image = result.restoration("gaussian").image.to_array() * np.array(at.scales)[:, None, None]
    assert counts == pytest.approx(image, abs=0.02)
    assert tomogram.sop_uid == result.restoration("gaussian").sop_instance_uid


def test_a_network_is_served_and_described(study, samples, tmp_path):
    client = samples.FakeClient()
    result = run(Options(study, tmp_path / "out"), samples.connecting(client))
    assert [name for name, _ in client.sent] == ["dat_denoise"]
    assert client.sent[0][1].shape == (5, 1, 64, 64)
    assert [model.name for model in result.models] == ["dat_denoise"]
    assert result.server.embedded
    assert np.array_equal(result.restorations[0].image.to_array(), result.input.to_array())
    assert result.restorations[0].counts_change == 0


def test_counts_that_move_are_found(study, samples, tmp_path):
    result = run(Options(study, tmp_path / "out"), samples.connecting(samples.FakeClient(gain=1.5)))
    assert [finding.code for finding in result.restorations[0].warnings] == ["counts-moved"]
    assert "counts-moved" in (tmp_path / "out" / "report.html").read_text()


def test_one_death_of_the_server_is_survived(study, samples, tmp_path, monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience.time.sleep", lambda seconds: None)
    client = samples.FakeClient(errors=[ServerError("server-unavailable", "gone.")])
    assert run(Options(study, tmp_path / "out"), samples.connecting(client)).restorations


def test_restoring_alone_writes_the_series_and_nothing_else(study, samples, tmp_path):
    options = Options(study, tmp_path / "unused", ("gaussian",))
    result = restore(options, samples.no_connection, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["series"]
    assert (tmp_path / result.restorations[0].file).is_file()


def test_the_server_is_there_for_the_restoration_only(study, samples, tmp_path):
    stages = [
        span.stage
        for span in run(
            Options(study, tmp_path / "out"), samples.connecting(samples.FakeClient())
        ).timing.spans
    ]
    assert [stage for stage in stages if stage != "server start"] == [
        "read",
        "U-Net, 4 levels",
        "server stop",
        "series",
        "figures",
    ]
    assert "server start" in stages[:2]


def test_an_error_of_the_server_leaves_nothing(study, samples, tmp_path):
    client = samples.FakeClient(errors=[InferenceError("request-refused", "no.")])
    with pytest.raises(InferenceError):
        run(Options(study, tmp_path / "out"), samples.connecting(client))
    assert list(tmp_path.iterdir()) == []


def test_the_short_series_is_taken_and_another_by_its_number(samples, tmp_path):
    both = samples.write_study(tmp_path / "both", minutes=(5.0, 25.0))
    only = ("gaussian",)
    short = run(Options(both, tmp_path / "a", only), samples.no_connection)
    assert (short.study.series_number, short.study.minutes, short.warnings) == (1, 5.0, [])
    long = run(Options(both, tmp_path / "b", only, series=2), samples.no_connection)
    assert long.study.series_number == 2
    assert [finding.code for finding in long.warnings] == ["other-duration"]


def refused(options, samples):
    with pytest.raises(InputError) as caught:
        run(options, samples.no_connection)
    assert not options.out.exists()
    return caught.value.code


def test_bad_studies_are_refused_before_any_server(samples, tmp_path):
    def write(name, change=None, **settings):
        folder = samples.write_study(tmp_path / name, **settings)
        if change:
            ds = pydicom.dcmread(folder / "1.dcm")
            change(ds)
            ds.save_as(folder / "1.dcm")
        return Options(folder, tmp_path / "out")

    small = samples.counts()[:, 32:96, 32:96]
    assert refused(write("matrix", values=small), samples) == "wrong-matrix"
    assert refused(write("few", values=samples.counts()[:4]), samples) == "too-few-slices"
    assert refused(write("nothing", values=np.zeros_like(samples.counts())), samples) == "no-counts"
    assert refused(write("several", minutes=(5.0, 5.5)), samples) == "several-series"
    assert refused(write("edge", values=samples.counts()[4:]), samples) == "striatum-at-edge"
    tomo = lambda ds: setattr(ds, "ImageType", ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"])  # noqa: E731
    assert refused(write("raw", change=tomo), samples) == "no-tomogram"
    assert refused(Options(tmp_path / "absent", tmp_path / "out"), samples) == "study-missing"


def test_an_earlier_result_needs_force_and_another_application_s_is_kept(study, samples, tmp_path):
    options = Options(study, tmp_path / "out", ("gaussian",))
    run(options, samples.no_connection)
    with pytest.raises(InputError) as caught:
        run(options, samples.no_connection)
    assert caught.value.code == "out-exists"
    run(Options(study, tmp_path / "out", ("gaussian",), force=True), samples.no_connection)
    other = tmp_path / "other"
    other.mkdir()
    (other / "result.json").write_text(json.dumps({"kind": "scanserve.ccta.result"}))
    with pytest.raises(InputError) as caught:
        run(Options(study, other, ("gaussian",), force=True), samples.no_connection)
    assert caught.value.code == "out-not-empty"


def test_nothing_of_the_patient_is_in_the_result(restored):
    out, _ = restored
    for name in ("result.json", "report.html"):
        assert "PHANTOM" not in (out / name).read_text()
