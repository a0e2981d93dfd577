import json
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from scanserve.client.ccta import run as running
from scanserve.client.ccta.result import Result
from scanserve.client.runs import connection
from scanserve.contracts import NOT_FOR_DIAGNOSIS, EligibilityError, InputError, ServerError, SetupError
from scanserve.contracts.ccta import CCTA
from tests.support import ccta_samples as samples


class Client(samples.FakeClient):
    """Also says who it is."""

    def server_info(self):
        return SimpleNamespace(name="triton", version="2.51.0")

    def metadata(self, model):
        return SimpleNamespace(versions=("1",))


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
        monkeypatch.setattr(running, "read_study", lambda path, **_: made_up)
        with samples.checking(findings):
            return CliRunner().invoke(app, ["STUDY", *map(str, arguments)])

    return run


def test_it_writes_everything_and_says_the_answer(scanserve, tmp_path):
    out = tmp_path / "out"
    done = scanserve("--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == ["figures", "report.html", "result.json"]
    assert len(list((out / "figures").glob("*.png"))) == 7
    result = Result.model_validate_json((out / "result.json").read_text())
    assert [vessel.ranking.best for vessel in result.vessels] == ["40 %", "70 %", "70 %"]
    text = " ".join(done.output.split())
    for part in ("RCA", "40 %", "excellent", "Overall: 70 %", NOT_FOR_DIAGNOSIS, "report.html"):
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


def test_a_missing_server_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scanserve.server", None)
    with pytest.raises(SetupError) as caught, connection.embedded_connection(None, 1.0, models=CCTA.models):
        pass
    assert "scanserve[server]" in caught.value.message


def test_an_absent_server_is_one_clear_error(tmp_path, monkeypatch):
    from scanserve.client.ccta.command import app

    monkeypatch.setattr(running, "read_study", lambda path, **_: samples.study((40.0,)))

    done = CliRunner().invoke(app, [str(tmp_path), "--out", str(tmp_path / "out"), "--server", "127.0.0.1:9"])
    assert isinstance(done.exception, ServerError)
    assert done.exception.code == "server-unavailable"
