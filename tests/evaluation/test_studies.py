import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.studies import Pair, find_pairs, read_object


def folder(path, *files):
    for file in files:
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).write_text("{}")
    return path


def code(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return caught.value.code


def test_two_files_of_any_name(tmp_path):
    folder(tmp_path, "study/a.json", "out/b.json")
    truth, result = tmp_path / "study/a.json", tmp_path / "out/b.json"
    assert find_pairs(truth, result).studies == (Pair("study", truth, result),)


def test_folders_of_one_study(tmp_path):
    folder(tmp_path, "study/truth.json", "study/phase_0/truth.json", "out/result.json")
    found = find_pairs(tmp_path / "study", tmp_path / "out")
    assert found.studies == (Pair("study", tmp_path / "study/truth.json", tmp_path / "out/result.json"),)


def test_folders_of_studies_are_matched_by_name(tmp_path):
    truths = folder(tmp_path / "truths", "b/truth.json", "a/truth.json", "c/other.json")
    results = folder(tmp_path / "results", "a/result.json", "d/result.json")
    found = find_pairs(truths, results)
    assert [(pair.name, pair.result) for pair in found.studies] == [
        ("a", results / "a/result.json"),
        ("b", None),
    ]
    assert found.without_truth == ("d",)


def test_what_does_not_fit(tmp_path):
    truths = folder(tmp_path / "truths", "a/truth.json")
    results = folder(tmp_path / "results", "b/result.json")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert code(find_pairs, tmp_path / "nowhere", results) == "file-missing"
    assert code(find_pairs, truths, tmp_path / "nowhere") == "file-missing"
    assert code(find_pairs, empty, results) == "no-studies"
    assert code(find_pairs, truths, results) == "no-studies"
    assert code(find_pairs, truths / "a", results) == "pairs-mismatch"


@pytest.mark.parametrize("content", [b"not json", b"\xff\xfe\x00", b"[1]", b"1", b"", b"[" * 100_000])
def test_only_objects_are_read(tmp_path, content):
    file = tmp_path / "truth.json"
    file.write_bytes(content)
    assert code(read_object, file, "not-a-truth") == "not-a-truth"
    assert code(read_object, tmp_path / "none", "not-a-truth") == "file-missing"
