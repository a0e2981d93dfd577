import json

import pytest

from scanserve.client.spine.page import serve
from scanserve.client.spine.page.app import build_app
from scanserve.contracts import InputError
from tests.support import film_factory, spine_samples
from tests.support.spine_page import bench


def test_the_token_is_the_same_for_every_start_and_for_its_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    first = serve.token()
    assert serve.token() == first
    assert len(first) >= 32
    assert (tmp_path / "scanserve" / "spine-page-token").stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_it_there_is_a_token_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert serve.token() != serve.token()


def test_a_port_in_use_is_said(tmp_path):
    with bench(tmp_path, spine_samples.FakeClient()) as opened:
        app = build_app(opened, "t")
        with serve.served(app, 0) as url:
            again = serve.served(app, int(url.rsplit(":", 1)[1].strip("/")))
            with pytest.raises(InputError) as refused, again:
                pass
    assert refused.value.code == "port-in-use"


def test_the_result_of_another_film_is_not_gone_on_with(tmp_path):
    with bench(tmp_path, spine_samples.FakeClient()):
        pass
    film_factory.write(tmp_path / "study", values=0.9 * spine_samples.shown())
    with pytest.raises(InputError) as refused, bench(tmp_path, spine_samples.FakeClient()):
        pass
    assert refused.value.code == "hints-of-another-film"
    with bench(tmp_path, spine_samples.FakeClient(), force=True) as opened:
        assert opened.version == 1


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json").write_text(json.dumps({"kind": "scanserve.ccta.result"}))
    with pytest.raises(InputError) as refused, bench(tmp_path, spine_samples.FakeClient()):
        pass
    assert refused.value.code == "corrections-invalid"
