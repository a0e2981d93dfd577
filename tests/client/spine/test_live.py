"""Films of phantoms through the real tritonserver, and the page on them in a real Chromium."""

import json
import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanserve.client.runs.connection import connected_to
from scanserve.client.spine.hints import Hint
from scanserve.client.spine.page.app import build_app
from scanserve.client.spine.page.serve import open_bench, served
from scanserve.client.spine.placement import Square
from scanserve.client.spine.reader import FilmReader
from scanserve.client.spine.run import Options, run
from scanserve.contracts.spine import NETWORKS, SPINE
from tests.support import film_factory
from tests.support.node_page import browser
from tests.support.spine_page import TOKEN, hand

pytestmark = pytest.mark.live
PICTURES = os.environ.get("SCANSERVE_PAGE_PICTURES")
SEED, POINT = 600_003, 33


@pytest.fixture(scope="module")
def server():
    from scanserve.server import Embedded

    with Embedded(models=SPINE.models) as running:
        yield running


@pytest.fixture(scope="module")
def connect(server):
    @contextmanager
    def opened():
        with connected_to(server, 60.0) as connection:
            yield connection

    return opened


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    """A study, and the truth of its corners (68, 2)."""
    from typer.testing import CliRunner

    from scanserve.phantoms.spine.command import app

    folder = tmp_path_factory.mktemp("phantom") / "study"
    done = CliRunner().invoke(app, ["--seed", str(SEED), "--out", str(folder)])
    assert done.exit_code == 0, done.exception
    return folder


@contextmanager
def page_on(options, connect, chromium):
    """A hand on the page of a study."""
    with (
        open_bench(options, connect, "Dr Live") as bench,
        served(build_app(bench, TOKEN), 0) as url,
        hand(chromium, f"{url}?token={TOKEN}") as reader,
    ):
        yield reader


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.mark.parametrize("network", NETWORKS)
def test_both_networks_give_whole_results(phantom, connect, tmp_path, network):
    result = run(Options(phantom, tmp_path / "out", network), connect)
    rows, columns = result.study.shape
    assert result.points.shape == (68, 2)
    assert "spine-not-seen" not in {note.code for note in result.warnings}
    assert (result.points > -columns).all()
    assert (result.points < [2 * columns, 2 * rows]).all()
    assert [model.name for model in result.models] == ["spine_prepare", network]
    assert result.largest_degrees >= 0


@pytest.mark.parametrize("network", NETWORKS)
def test_the_same_click_gives_the_same_answer_and_a_fixed_corner_stays(connect, network):
    film = np.random.default_rng(1).random((900, 400)).astype(np.float32)
    with connect() as connection:
        reader = FilmReader(Square.of(film, (1.0, 1.0)), film.shape, SPINE.model(network), connection.infer)
        plain = reader.settle(reader.whole)
        np.testing.assert_array_equal(plain.points, reader.settle(reader.whole, []).points)
        hint = Hint(POINT, (123.4567, 456.789), (130.0, 450.0))
        first, second = (reader.settle(reader.whole, [hint]) for _ in range(2))
    assert tuple(first.points[POINT]) == hint.place
    np.testing.assert_array_equal(first.points, second.points)


def test_a_corner_is_dragged_on_a_phantom(phantom, connect, chromium, tmp_path):
    with page_on(Options(phantom, tmp_path / "out"), connect, chromium) as reader:
        reader.drag(POINT, -15, 4)
        assert reader.model("fixed") == [POINT]
        assert "Found again" in reader.status()
        if PICTURES:
            reader.page.screenshot(path=Path(PICTURES) / "spine-phantom.png")
        reader.page.get_by_role("button", name="Save").click()
        reader.until("!window.scanserveSpine.unsaved")
    assert (tmp_path / "out" / "result.json").is_file()


def test_the_page_outlives_a_death_of_the_server(phantom, server, connect, chromium, tmp_path):
    with page_on(Options(phantom, tmp_path / "out"), connect, chromium) as reader:
        os.kill(server.pid, signal.SIGKILL)
        x, y = reader.place(POINT)
        reader.page.mouse.move(x, y)
        reader.page.mouse.down()
        reader.page.mouse.move(x - 15, y, steps=4)
        reader.page.mouse.up()
        reader.until("window.scanserveSpine.ready && window.scanserveSpine.model.fixed.size === 1", 120)
        reader.until("document.getElementById('status').innerText.includes('Found again')", 120)


@pytest.mark.shared_data
def test_a_corner_is_dragged_on_a_real_film(shared_data, connect, chromium, tmp_path):
    (tmp_path / "study").mkdir()
    with Image.open(shared_data / "spine" / "scoliovis_example_1.jpg") as picture:
        picture.convert("L").save(tmp_path / "study" / "film.png")
    options = Options(tmp_path / "study", tmp_path / "out", pictures=True, aspect=1.0)
    with page_on(options, connect, chromium) as reader:
        reader.drag(POINT, 12, 4)
        assert reader.model("fixed") == [POINT]
        assert "Found again" in reader.status()
        if PICTURES:
            reader.page.screenshot(path=Path(PICTURES) / "spine-real.png")


@pytest.mark.parametrize("network", NETWORKS)
def test_what_shows_no_spine_is_told(connect, tmp_path, network):
    noise = np.random.default_rng(1).random((1200, 500))
    study = film_factory.write(tmp_path / "study", values=noise)
    result = run(Options(study, tmp_path / "out", network), connect)
    assert "spine-not-seen" in {note.code for note in result.warnings}


@pytest.mark.shared_data
@pytest.mark.parametrize("network", NETWORKS)
def test_real_films_are_read_up_to_the_level(shared_data, connect, tmp_path, network):
    """Six films with points; the networks, which have seen phantoms only, may name vertebrae one level off."""
    for film in json.loads((shared_data / "spine" / "aasce_points.json").read_text()):
        folder = tmp_path / film["file"]
        if not (shared_data / "spine" / film["file"]).is_file():
            continue
        folder.mkdir()
        shutil.copy(shared_data / "spine" / film["file"], folder)
        rows, columns = film["raw_rows_columns"]
        options = Options(
            folder, folder / "out", network, pictures=True, aspect=(rows / 512) / (columns / 256)
        )
        result = run(options, connect)
        found = (result.points + 0.5) * (columns / 256, rows / 512) - 0.5
        true = np.array(film["points_xy_raw"], float)
        pairs = ((found, true), (found[4:], true[:64]), (found[:64], true[4:]))
        distances = [np.linalg.norm(one - other, axis=1).mean() for one, other in pairs]
        assert min(distances) < 0.04 * rows, (film["file"], distances)
