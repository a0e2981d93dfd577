import json

import pytest
from pydantic import Field, ValidationError

from scanserve.client.runs.records import (
    Finding,
    Record,
    ResultRecord,
    Skipped,
    TimeSpan,
    Timing,
    own_version,
    timing_of,
)
from scanserve.client.runs.timing import Stopwatch
from scanserve.preprocessing.dicom.scan import Rejects


class Noticed(Record):
    """A part of a result with what the readers say."""

    findings: list[Finding] = Field(default_factory=list)
    skipped: list[Skipped] = Field(default_factory=list)


def test_what_the_readers_say_goes_into_a_result_without_names_of_files():
    rejects = Rejects()
    rejects.add("not-dicom", "are not DICOM", ["DOE_JOHN.txt", "DOE_JANE.txt"])
    noticed = Noticed(findings=[Finding("odd", "An odd thing.")], skipped=rejects.groups())
    text = noticed.model_dump_json()
    assert json.loads(text) == {
        "findings": [{"code": "odd", "message": "An odd thing."}],
        "skipped": [{"code": "not-dicom", "message": "2 files are not DICOM.", "files": 2}],
    }
    assert "DOE" not in text
    assert Noticed.model_validate_json(text) == noticed


def test_unknown_fields_are_refused_also_in_what_the_readers_say():
    with pytest.raises(ValidationError):
        Noticed.model_validate({"findings": [{"code": "odd", "message": "x", "file": "DOE_JOHN.txt"}]})


def stopwatch(*ticks):
    return Stopwatch(iter(ticks).__next__)


def test_timing_is_that_of_the_stopwatch():
    watch = stopwatch(0.0, 1.0, 3.0, 3.0, 3.5, 4.0)
    with watch.span("read"):
        pass
    with watch.span("check", "40 %"):
        pass
    timing = timing_of(watch)
    assert timing.total_s == 4
    spans = [(span.stage, span.part, span.start_s, span.duration_s) for span in timing.spans]
    assert spans == [("read", "", 1, 2), ("check", "40 %", 3, 0.5)]


@pytest.mark.parametrize(("phase", "part"), [("40 %", "40 %"), (None, "")])
def test_spans_of_the_first_layouts_are_read(phase, part):
    old = {"stage": "read", "phase": phase, "start_s": 0, "duration_s": 1}
    span = TimeSpan.model_validate(old)
    assert span.part == part
    assert TimeSpan.model_validate_json(span.model_dump_json()) == span


def test_a_result_is_written_as_json_and_takes_its_timing_late():
    class Result(ResultRecord):
        timing: Timing

    early = Result(notice="Not for diagnosis.", timing=Timing(total_s=1, spans=[]))
    late = early.timed(Timing(total_s=2, spans=[]))
    assert (early.timing.total_s, late.timing.total_s) == (1, 2)
    assert late.to_json().endswith("}\n")
    assert Result.model_validate_json(late.to_json()) == late


def test_there_is_a_version_and_records_are_frozen():
    assert own_version()
    assert Record.model_config["frozen"]
