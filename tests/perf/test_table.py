"""perf_analyzer's CSV."""

import pytest

from scanserve.contracts import ResultError
from scanserve.perf.table import read_table

HEAD = (
    "Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,"
    "Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency"
)


def report(tmp_path, *lines):
    path = tmp_path / "load.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def row(load, rate=2.5, p95=4000):
    return f"{load},{rate},10,20,30,40,50000,60,0,1000,3000,{p95},5000"


def test_rows_are_sorted_by_load_and_in_milliseconds(tmp_path):
    rows = read_table(report(tmp_path, HEAD, row(4), row(1)))

    assert [item.load for item in rows] == [1, 4]
    assert rows[0].latency_ms == {50: 1, 90: 3, 95: 4, 99: 5}
    assert rows[0].server_ms["Server Compute Infer"] == 50
    assert rows[0].inferences_per_s == 2.5


def test_request_rates_are_loads_too(tmp_path):
    (only,) = read_table(report(tmp_path, HEAD.replace("Concurrency", "Request Rate"), row(0.5)))

    assert only.load == 0.5


@pytest.mark.parametrize(
    "lines",
    [(HEAD,), ("",), (HEAD.replace("p95 latency", "p94 latency"), row(1)), (HEAD, "1,fast"), ("a,b", "1,2")],
)
def test_a_report_without_numbers_is_a_failure(tmp_path, lines):
    with pytest.raises(ResultError) as error:
        read_table(report(tmp_path, *lines))
    assert error.value.code == "perf-no-result"


def test_a_missing_report_is_a_failure(tmp_path):
    with pytest.raises(ResultError, match="wrote no report") as error:
        read_table(tmp_path / "load.csv")
    assert error.value.code == "perf-no-result"
