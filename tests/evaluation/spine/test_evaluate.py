import json

import pytest
from typer.testing import CliRunner

from scanserve.contracts import InputError
from scanserve.evaluation.command import app
from scanserve.evaluation.spine import evaluate
from scanserve.evaluation.studies import find_pairs


@pytest.fixture(scope="module")
def folder(spine, tmp_path_factory):
    root, points = tmp_path_factory.mktemp("spine") / "studies", spine.corners()
    for number, off in enumerate((8.0, 40.0)):
        readings = {name: spine.corrected(points, off, 10) for name in ("spine_unet", "spine_hrnet")}
        spine.write(root / str(number), spine.truth(), spine.result, readings)
    spine.write(root / "missing", spine.truth(), None)
    return root


@pytest.fixture(scope="module")
def report(folder):
    return evaluate(find_pairs(folder, folder).studies)


def test_the_tables_hold_both_networks_and_the_published_rows_as_other_data(report):
    errors, curves = report.tables()
    titles = [row[0] for row in errors.rows]
    assert titles[:2] == ["U-Net IKEM, by the model", "U-Net IKEM, manual"]
    assert all("OTHER DATA" in title for title in titles[4:])
    assert errors.rows[4][1:4] == ("58.6", "35.4", "29.4")
    assert [row[0] for row in curves.rows] == ["U-Net IKEM", "HRNet+OCR IKEM"]
    assert all(len(row) == len(table.columns) for table in report.tables() for row in table.rows)


def test_the_notes_say_what_is_missing_and_what_is_not_comparable(report):
    text = " ".join(report.notes())
    assert "missing" in text
    assert "OTHER DATA" in text


def test_everything_is_json(report):
    content = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert content["pooled"]["figures"]["spine_unet"]["mre_0_clicks_px"]["value"] == pytest.approx(24)
    assert len(content["studies"]) == 3


def test_the_command_finds_the_application_by_itself(folder, tmp_path):
    target = tmp_path / "accuracy.json"
    done = CliRunner().invoke(app, [str(folder), str(folder), "--json", str(target)])
    assert done.exit_code == 0, done.exception
    content = json.loads(target.read_text())
    assert (content["application"], content["studies_without_result"]) == ("spine", ["missing"])


def test_a_file_beside_the_result_that_holds_something_else_is_refused(spine, tmp_path):
    folder = spine.write(tmp_path / "study", spine.truth(), spine.result)
    (folder / "readings.json").write_text('{"networks": 3}')
    with pytest.raises(InputError) as caught:
        evaluate(find_pairs(folder, folder).studies)
    assert caught.value.code == "not-a-result"
