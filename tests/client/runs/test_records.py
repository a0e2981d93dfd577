from scanserve.client.runs.records import Record, findings_of, own_version, skipped_of, timing_of
from scanserve.client.runs.timing import Stopwatch
from scanserve.preprocessing import Finding, Skipped


def test_what_the_readers_say_goes_into_a_result_without_names_of_files():
    assert [one.code for one in findings_of([Finding("odd", "An odd thing.")])] == ["odd"]
    (skipped,) = skipped_of([Skipped(2, "not-dicom", "2 files are not DICOM.", "DOE_JOHN.txt")])
    assert (skipped.files, skipped.code) == (2, "not-dicom")
    assert "DOE" not in skipped.model_dump_json()


def test_timing_is_that_of_the_stopwatch():
    ticks = iter((0.0, 1.0, 3.0, 4.0))
    stopwatch = Stopwatch(lambda: next(ticks))
    with stopwatch.span("read"):
        pass
    timing = timing_of(stopwatch)
    assert timing.total_s == 4
    assert [(one.stage, one.start_s, one.duration_s) for one in timing.spans] == [("read", 1, 2)]


def test_there_is_a_version_and_records_are_frozen():
    assert own_version()
    assert Record.model_config["frozen"]
