"""``scanserve evaluate``, as a user runs it."""

import json

import pytest

from scanserve.client import cli
from scanserve.contracts import NOT_FOR_DIAGNOSIS


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command: (exit status, stdout, stderr)."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        status = cli.main(["evaluate", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def test_one_study(made, tmp_path, run):
    truth, result = made.write(tmp_path / "study", made.truth(), made.result())
    status, out, err = run(truth, result)
    assert (status, err) == (0, "")
    for text in ("Centerlines and trees", "RCA", "best phase first", "1.00 [1.00, 1.00]", NOT_FOR_DIAGNOSIS):
        assert text in out


def test_folders_of_studies_to_a_json_file(made, tmp_path, run):
    for name in ("a", "b", "c"):
        made.write(tmp_path / "truths" / name, made.truth())
    for name in ("a", "b", "d"):
        made.write(tmp_path / "results" / name, result=made.result())
    file = tmp_path / "out.json"
    status, out, _ = run(tmp_path / "truths", tmp_path / "results", "--json", file)
    assert status == 0
    assert "Studies without a result, counted as missed: c." in out
    assert "Results without a truth, left out: d." in out
    content = json.loads(file.read_text())
    assert content["notice"] == NOT_FOR_DIAGNOSIS
    assert (content["kind"], content["schema_version"]) == ("scanserve.evaluation", "1.0")
    assert content["application"] == "ccta"
    assert (content["studies_without_result"], content["results_without_truth"]) == (["c"], ["d"])
    assert content["pooled"]["figures"]["all"]["detected"]["value"] == pytest.approx(2 / 3)


def test_json_on_stdout_and_nothing_else(made, tmp_path, run):
    files = made.write(tmp_path / "study", made.truth(), made.result())
    status, out, err = run(*files, "--json", "-")
    assert (status, err) == (0, "")
    assert json.loads(out)["pooled"]["studies"] == 1


def test_bad_input_is_one_sentence_and_status_2(made, tmp_path, run):
    truth, result = made.write(tmp_path / "study", made.truth(), made.result())
    other, _ = made.write(tmp_path / "other", made.truth((10.0, 20.0, 30.0)))
    old = tmp_path / "old.json"
    old.write_text(json.dumps({**made.truth(), "version": 0}))
    for arguments, code in (
        ((tmp_path / "none", result), "file-missing"),
        ((truth, tmp_path / "none"), "file-missing"),
        ((truth, truth), "not-a-result"),
        ((result, result), "not-a-truth"),
        ((old, result), "truth-version"),
        ((other, result), "no-common-phase"),
        ((truth, result, "--json", tmp_path / "none" / "out.json"), "json-not-writable"),
        ((truth, result, "--json", tmp_path), "json-not-writable"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith(f"error [{code}]: ")
        assert err.count("\n") == 1
        assert err.endswith(".\n")


def test_an_application_alone_is_not_enough(run):
    status, out, err = run("ccta")
    assert (status, out) == (2, "")
    assert "missing argument 'result'" in err.lower()


def test_a_truth_alone_is_not_enough(made, tmp_path, run):
    truth, _ = made.write(tmp_path / "study", made.truth(), made.result())
    status, out, err = run(truth)
    assert (status, out) == (2, "")
    assert "missing argument 'result'" in err.lower()


def test_the_help_names_the_command_that_makes_studies(run):
    status, out, _ = run("--help")
    assert status == 0
    assert "scanserve perf accuracy APP" in " ".join(out.split())
