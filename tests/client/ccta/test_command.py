import json
import sys
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from scanserve import preprocessing
from scanserve.client.ccta.result import Result
from scanserve.client.runs import connection
from scanserve.contracts import (
    NOT_FOR_DIAGNOSIS,
    EligibilityError,
    InputError,
    ServerError,
    SetupError,
    StudyError,
)
from scanserve.contracts.ccta import CCTA
from scanserve.preprocessing import Finding, Wishes
from tests.support import ccta_samples as samples
from tests.support import ct_factory as factory


class Client(samples.FakeClient):
    """Also says who it is."""

    def server_info(self):
        return SimpleNamespace(name="triton", version="2.51.0")

    def metadata(self, model):
        return SimpleNamespace(versions=("1",))

    def parameters(self, model):
        return {"trained_on": "annotated images"}


@pytest.fixture
def scanserve(monkeypatch):
    """Run the command on a made-up study and server."""

    def run(*arguments, study=None, client=None, findings=()):
        from scanserve.client.ccta.command import app

        @contextmanager
        def connected(*_, **__):
            yield connection.Connection(client or Client(), lambda timeout: True, True, None)

        monkeypatch.setattr("scanserve.client.runs.style.DPI", 25)  # for speed
        monkeypatch.setattr(connection, "embedded_connection", connected)
        made_up = study or samples.study((40.0, 70.0))
        monkeypatch.setattr(preprocessing, "read_study", lambda path, **_: made_up)
        with samples.checking(findings):
            return CliRunner().invoke(app, ["STUDY", *map(str, arguments)])

    return run


def test_it_writes_everything_and_says_the_answer(scanserve, tmp_path):
    out = tmp_path / "out"
    done = scanserve("--out", out)
    assert done.exit_code == 0, done.output
    names = {".scanserve.sha256", "figures", "report.html", "result.json"}
    assert {path.name for path in out.iterdir()} == names
    assert len(list((out / "figures").glob("*.png"))) == 7
    result = Result.model_validate_json((out / "result.json").read_text())
    assert [vessel.ranking.best for vessel in result.vessels] == ["40 %", "70 %", "70 %"]
    text = " ".join(done.output.split())
    for part in (
        "RCA",
        "40 %",
        "excellent",
        "Overall: 70 %",
        f"{NOT_FOR_DIAGNOSIS} The networks were trained on annotated images.",
        "report.html",
    ):
        assert part in text
    assert {"scan", "server start", "figures"} <= {span.stage for span in result.timing.spans}


def test_json_is_nothing_but_json(scanserve, tmp_path):
    done = scanserve("--out", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["overall"]["best"] == "70 %"


def test_an_ineligible_study_is_refused_and_nothing_is_written(scanserve, tmp_path):
    done = scanserve("--out", tmp_path / "out", findings=(samples.NOT_A_HEART,))
    assert isinstance(done.exception, EligibilityError)
    assert done.exception.exit_status == 3
    assert "no-contrast" in done.exception.message
    assert list(tmp_path.iterdir()) == []


def test_an_override_is_recorded_and_said(scanserve, tmp_path):
    out = tmp_path / "out"
    done = scanserve("--out", out, "--override-eligibility", "a phantom", findings=(samples.NOT_A_HEART,))
    assert done.exit_code == 0, done.exception
    assert json.loads((out / "result.json").read_text())["study"]["override"] == "a phantom"
    assert "a phantom" in " ".join(done.output.split())
    assert "a phantom" in (out / "report.html").read_text()


def test_a_blank_override_is_refused(scanserve, tmp_path):
    done = scanserve("--out", tmp_path / "out", "--override-eligibility", " ")
    assert done.exception.code == "override-reason"


def test_an_earlier_result_needs_force(scanserve, tmp_path):
    out = tmp_path / "out"
    assert scanserve("--out", out).exit_code == 0
    again = scanserve("--out", out)
    assert isinstance(again.exception, InputError)
    assert again.exception.code == "out-exists"
    assert scanserve("--out", out, "--force").exit_code == 0


def test_a_server_that_dies_for_good_leaves_nothing(scanserve, tmp_path, monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience.time.sleep", lambda seconds: None)
    dead = ("ccta_quality", ServerError("server-unavailable", "gone."))
    done = scanserve("--out", tmp_path / "out", client=Client(errors=[dead, dead]))
    assert done.exception.code == "server-failed-twice"
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_out_is_said(scanserve, tmp_path):
    phases = (samples.FakePhase(40.0), samples.FakePhase(70.0))
    unwanted = replace(samples.CALCIUM, series_number=9, reasons=(Finding("not-selected", "no."),))
    left_out = (samples.LOST, samples.CALCIUM, unwanted, samples.CALCIUM)
    done = scanserve("--out", tmp_path / "out", study=samples.FakeStudy(phases, left_out=left_out))
    text = " ".join(done.output.split())
    assert "Left out: series 2 (calcium scoring, 120 slices in 2 stacks): it is for calcium scoring" in text
    assert "series 9" not in text
    assert (
        "Note: phase 30 % (series 4) was left out: 3 slices are missing in 1 place [missing-slices]." in text
    )


def test_strict_refuses_a_study_with_a_lost_phase(scanserve, tmp_path):
    study = samples.FakeStudy((samples.FakePhase(40.0),), left_out=(samples.LOST,))
    done = scanserve("--out", tmp_path / "out", "--strict", study=study)
    assert isinstance(done.exception, StudyError)
    assert done.exception.code == "missing-slices"
    assert "phase 30 % (series 4)" in done.exception.message
    assert list(tmp_path.iterdir()) == []


def test_wishes_reach_the_reader(scanserve, tmp_path, monkeypatch):
    seen = []
    options = ("--series", "5", "--series", "CTA", "--without-series", "Lung", "--out", tmp_path / "out")
    scanserve(*options)

    def read_study(path, progress, wishes):
        seen.append(wishes)
        raise StudyError("no-ct", "no.")

    monkeypatch.setattr(preprocessing, "read_study", read_study)
    from scanserve.client.ccta.command import app

    CliRunner().invoke(app, ["STUDY", *map(str, options), "--force", "--override-eligibility", "a test"])
    assert seen == [Wishes(("5", "CTA"), ("Lung",), unfit=True)]


def test_without_a_folder_nothing_is_read(scanserve):
    done = scanserve()
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "out-missing"


def test_a_list_needs_no_folder_and_no_server(tmp_path):
    from scanserve.client.ccta.command import app

    factory.write_series(tmp_path, factory.pixels(12), SeriesDescription="70 %")
    done = CliRunner().invoke(app, [str(tmp_path), "--list"])
    assert done.exit_code == 0, done.exception
    assert "Would be analysed: nothing." in " ".join(done.output.split())
    done = CliRunner().invoke(app, [str(tmp_path), "--list", "--json"])
    assert [row["found"]["label"] for row in json.loads(done.stdout)["rows"]] == ["70 %"]


def test_a_missing_server_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scanserve.server", None)
    with pytest.raises(SetupError) as caught, connection.embedded_connection(None, 1.0, models=CCTA.models):
        pass
    assert "scanserve[server]" in caught.value.message


def test_an_absent_server_is_one_clear_error(tmp_path, monkeypatch):
    from scanserve.client.ccta.command import app

    monkeypatch.setattr(preprocessing, "read_study", lambda path, **_: samples.study((40.0,)))

    done = CliRunner().invoke(app, [str(tmp_path), "--out", str(tmp_path / "out"), "--server", "127.0.0.1:9"])
    assert isinstance(done.exception, ServerError)
    assert done.exception.code == "server-unavailable"
