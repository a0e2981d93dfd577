import pytest

from scanserve import preprocessing
from scanserve.client.ccta import run as running
from scanserve.contracts import InputError, StudyError
from tests.support import ccta_samples as samples
from tests.support.connections import no_connection


def test_a_phase_that_cannot_be_loaded_stops_before_any_server(monkeypatch, tmp_path):
    study, seen = samples.broken_study(), []
    monkeypatch.setattr(preprocessing, "read_study", lambda path, **_: study)
    options = running.Options(tmp_path, tmp_path / "out")
    with pytest.raises(StudyError) as caught:
        running.run(options, no_connection, progress=lambda *told: seen.append(told))
    assert caught.value.code == "missing-slices"
    assert study.phases[0].loaded == []
    assert seen == []
    assert list(tmp_path.iterdir()) == []


def test_the_output_folder_is_checked_before_the_study_is_read(monkeypatch, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()
    monkeypatch.setattr(preprocessing, "read_study", lambda path, **_: no_connection())
    with pytest.raises(InputError) as caught:
        running.run(running.Options(tmp_path, tmp_path / "out"), no_connection)
    assert caught.value.code == "out-not-empty"


def test_a_blank_override_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        running.Options(tmp_path, tmp_path / "out", override="  ")
    assert caught.value.code == "override-reason"
