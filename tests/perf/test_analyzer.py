"""perf_analyzer's argument lists, and what counts as a measurement."""

import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest

from scanserve.contracts import ResultError
from scanserve.perf.analyzer import Endpoint, arguments, measure
from scanserve.perf.binary import Program
from scanserve.perf.profiles import Limits, Load, Range

LIMITS = Limits(p95_ms=100, inferences_per_s=1)
ENDPOINT = Endpoint("127.0.0.1:1", "127.0.0.1:2", {"key": "secret"})
PROGRAM = Program(Path("perf_analyzer"), "1", Path("libraries"))
CSV = "Concurrency,Inferences/Second,p50 latency,p90 latency,p95 latency,p99 latency\n1,2,1,1,1,1\n"


@pytest.fixture(autouse=True)
def _temporary_files_of_the_test(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def load(**changes):
    options = {
        "name": "small",
        "model": "ccta_normalize",
        "limits": LIMITS,
        "concurrency": Range(start=1, end=2),
        "shapes": {"volume": (4, 5, 6)},
        "values": {"spacing": (1, 1, 1)},
    }
    return Load(**{**options, **changes})


def pairs(given):
    return {name: value for name, value in pairwise(given) if name.startswith("-")}


def built(**changes):
    return arguments(load(**changes), ENDPOINT, Path("in"), Path("out.csv"))


def answering(csv=CSV, status=0, text=""):
    def run(command, **_):
        if csv is not None:
            Path(command[command.index("-f") + 1]).write_text(csv)
        return subprocess.CompletedProcess(command, status, text, "")

    return run


def test_arguments_of_a_concurrency_sweep():
    given = pairs(built())

    assert (given["-m"], given["-u"], given["-i"]) == ("ccta_normalize", "127.0.0.1:1", "grpc")
    assert given["--concurrency-range"] == "1:2:1"
    assert given["--shape"] == "volume:4,5,6"
    assert given["--measurement-interval"] == "10000"
    assert given["-f"] == "out.csv"


def test_arguments_of_a_request_rate_sweep():
    given = pairs(built(concurrency=None, request_rate=Range(start=0.5, end=1.5, step=0.5)))

    assert given["--request-rate-range"] == "0.5:1.5:0.5"
    assert given["--request-distribution"] == "poisson"
    assert "--concurrency-range" not in given


@pytest.mark.parametrize(
    ("protocol", "header"), [("grpc", "triton-grpc-protocol-key:secret"), ("http", "key:secret")]
)
def test_shared_memory_sizes_outputs_and_shows_the_key(protocol, header):
    given = built(shared_memory="system", protocol=protocol)

    assert "--shared-memory=system" in given
    assert f"--output-shared-memory-size={192**3 * 2}" in given
    assert pairs(given)["-H"] == header


def test_without_shared_memory_the_key_stays_here():
    assert "secret" not in " ".join(built())


def test_a_report_makes_a_measurement(tmp_path):
    measurement = measure(PROGRAM, load(), ENDPOINT, tmp_path, answering())

    assert measurement.best.inferences_per_s == 2
    assert (tmp_path / "inputs" / "small" / "volume").stat().st_size == 4 * 5 * 6 * 2


def test_success_without_a_report_is_a_failure(tmp_path):
    with pytest.raises(ResultError, match=r"'small'.*status 0: latency exceeded") as error:
        measure(PROGRAM, load(), ENDPOINT, tmp_path, answering(None, text="latency exceeded"))
    assert error.value.code == "perf-no-result"


def test_an_old_report_is_not_taken_for_a_new_one(tmp_path):
    (tmp_path / "small.csv").write_text(CSV)

    with pytest.raises(ResultError):
        measure(PROGRAM, load(), ENDPOINT, tmp_path, answering(None))


def test_a_report_counts_whatever_the_exit_status(tmp_path):
    assert measure(PROGRAM, load(), ENDPOINT, tmp_path, answering(status=2)).lightest.load == 1


def test_the_output_of_a_failed_run_is_kept_without_the_key(tmp_path):
    output = "header key:secret\nkey secret is bad"
    with pytest.raises(ResultError, match=r"status 0: key \*\*\* is bad \(full output: ") as error:
        measure(PROGRAM, load(), ENDPOINT, tmp_path, answering(None, text=output))

    (kept,) = (tmp_path / "temporary").glob("perf_analyzer-small-*.txt")
    assert kept.read_text() == "header key:***\nkey *** is bad"
    assert str(kept) in error.value.message


def test_a_run_leaves_no_raw_output_among_the_results(tmp_path):
    measure(PROGRAM, load(), ENDPOINT, tmp_path / "out", answering(text="Throughput: 2 infer/sec"))

    assert {path.name for path in (tmp_path / "out").iterdir()} == {"inputs", "small.csv"}
