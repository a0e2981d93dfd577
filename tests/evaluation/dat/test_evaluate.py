import json

import pytest
from typer.testing import CliRunner

from scanserve.contracts import InputError
from scanserve.evaluation.command import app
from scanserve.evaluation.dat import evaluate
from scanserve.evaluation.dat.published import PUBLISHED
from scanserve.evaluation.studies import find_pairs


@pytest.fixture(scope="module")
def folder(dat, tmp_path_factory):
    root = tmp_path_factory.mktemp("dat") / "studies"
    for grade, ratios in enumerate(((4, 4, 4, 4), (4, 4, 4, 2), (1.5, 1.2, 1.5, 1.2))):
        noisy = dat.image(ratios, noise=0.03, seed=grade)
        found = dat.result(noisy, gaussian=noisy * 0.9, dat_denoise=dat.image(ratios, noise=0.005))
        dat.write(root / str(grade), dat.truth(reference=dat.image(ratios), grade=grade), found)
    dat.write(root / "missing", dat.truth(), None)
    return root


@pytest.fixture(scope="module")
def report(folder):
    return evaluate(find_pairs(folder, folder).studies)


def test_the_tables_hold_every_method_and_the_published_figures_as_other_data(report):
    likeness, binding, posthoc = report.tables()
    assert [row[0] for row in likeness.rows] == ["Unprocessed, 5 minutes", "Gaussian", "Dat_Denoise"]
    assert all("OTHER DATA" in column for column in likeness.columns[-2:])
    assert [row[-2:] for row in likeness.rows] == [("30.84", "0.708"), ("30.98", "0.747"), ("32.68", "0.842")]
    assert len(binding.rows) == 3
    assert len(posthoc.rows) == 2
    assert all(len(row) == len(table.columns) for table in report.tables() for row in table.rows)


def test_the_notes_say_what_is_missing_and_what_is_not_comparable(report):
    text = " ".join(report.notes())
    assert "missing" in text
    assert "other data" in text
    assert "Friedman" in text
    assert "10%" in text


def test_everything_is_json(report):
    content = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert content["pooled"]["figures"]["dat_denoise"]["psnr_gain_db"]["value"] > 0
    assert len(content["published_on_other_data"]) == len(PUBLISHED)
    assert len(content["studies"]) == 4


def test_the_command_finds_the_application_by_itself(folder, tmp_path):
    target = tmp_path / "accuracy.json"
    done = CliRunner().invoke(app, [str(folder), str(folder), "--json", str(target)])
    assert done.exit_code == 0, done.exception
    assert "OTHER DATA" in " ".join(done.stdout.split())
    content = json.loads(target.read_text())
    assert (content["application"], content["studies_without_result"]) == ("dat", ["missing"])


def test_an_error_says_which_study(folder, dat, tmp_path):
    made = dat.result(dat.image(), same=dat.image())
    moved = made.model_copy(update={"selected": made.selected.model_copy(update={"row": 30})})
    odd = dat.write(tmp_path / "odd", dat.truth(), moved)
    with pytest.raises(InputError) as caught:
        evaluate(find_pairs(odd, odd).studies)
    assert caught.value.code == "other-slices"
    assert caught.value.message.startswith("odd: ")
