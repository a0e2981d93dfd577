"""Finding perf_analyzer, and naming what is missing."""

import pytest

from scanserve.contracts import SetupError
from scanserve.perf import binary


def script(tmp_path, text, stream=1):
    path = tmp_path / "perf_analyzer"
    path.write_text(f"#!/bin/sh\necho '{text}' >&{stream}\nexit 127\n")
    path.chmod(0o755)
    return path


def refusal(tmp_path, monkeypatch, path):
    monkeypatch.setenv(binary.PROGRAM_VARIABLE, str(path))
    with pytest.raises(SetupError) as error:
        binary.find_program(tmp_path / "libraries")
    return error.value


def test_the_answer_counts_not_the_exit_status(tmp_path, monkeypatch):
    path = script(tmp_path, "Perf Analyzer Version 2.51.0")
    monkeypatch.setenv(binary.PROGRAM_VARIABLE, str(path))

    program = binary.find_program(tmp_path / "libraries")

    assert (program.path, program.version) == (path, "Perf Analyzer Version 2.51.0")
    assert program.environment()["LD_LIBRARY_PATH"].startswith(str(tmp_path / "libraries"))


def test_a_missing_binary_says_where_it_comes_from(tmp_path, monkeypatch):
    error = refusal(tmp_path, monkeypatch, tmp_path / "nowhere")

    assert error.code == "perf-analyzer-missing"
    assert "tritonclient==2.51.0" in error.message


@pytest.mark.parametrize(
    ("library", "code", "hint"),
    [
        ("libb64.so.0d", "libb64-missing", "apt-get install libb64-0d"),
        ("libcudart.so.12", "libcudart-missing", "scanserve[server]"),
        ("libother.so", "perf-analyzer-broken", "libother.so"),
    ],
)
def test_a_missing_library_is_named_with_its_package(tmp_path, monkeypatch, library, code, hint):
    text = f"perf_analyzer: error while loading shared libraries: {library}: cannot open shared object file"
    error = refusal(tmp_path, monkeypatch, script(tmp_path, text, 2))

    assert error.code == code
    assert hint in error.message


def test_anything_else_is_passed_on(tmp_path, monkeypatch):
    error = refusal(tmp_path, monkeypatch, script(tmp_path, "Illegal instruction"))

    assert error.code == "perf-analyzer-broken"
    assert "Illegal instruction" in error.message


def test_the_real_binary_starts(tmp_path):
    try:
        program = binary.find_program(tmp_path)
    except SetupError as error:
        pytest.skip(error.message)

    assert "Perf Analyzer" in program.version
