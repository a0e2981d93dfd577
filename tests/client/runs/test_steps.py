"""A tiny application of one number: what every application gets from the skeleton of a run."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from scanserve.client.runs.connection import Connection
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.output import Output
from scanserve.client.runs.records import ResultRecord, Timing, timing_of
from scanserve.client.runs.steps import analyse, carry_out
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import InputError, ServerError, StudyError
from scanserve.contracts.dat import DAT

KIND = "scanserve.number.result"


class Result(ResultRecord):
    kind: str = KIND
    value: float
    timing: Timing


@dataclass
class NumberSteps:
    """Reads a number, doubles it and says so; ``log`` tells in which order."""

    out: object
    log: list
    models: tuple = DAT.models[:1]
    has_timeline: bool = False
    force: bool = False
    fails_in: str = ""
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def output(self):
        return Output(self.out, KIND, frozenset({"own.txt"}), self.force)

    def _at(self, step):
        self.log.append(step)
        if step == self.fails_in:
            raise StudyError("no-number", "there is none.")

    def read(self):
        self._at("read")
        return 21

    def analyse(self, study, infer):
        self._at("analyse")
        return infer(self.models[0], study) if self.models else 2 * study

    def objects(self, analysed, result, figures, folder):
        self._at("objects")

    def describe(self, analysed, folder):
        self._at("describe")
        (folder / "own.txt").write_text(str(analysed.study))
        self.provenance = analysed.provenance
        return Result(
            notice="Not for diagnosis.", value=analysed.found, timing=timing_of(self.stopwatch)
        ), "views"

    def figures(self, result, views):
        self._at("figures")
        assert views == "views"
        return [RenderedFigure("plot", "Plot", "caption", "alt", b"png")]

    def report(self, result, figures):
        self._at("report")
        return f"{result.value:g}: {', '.join(figure.name for figure in figures)}"


def connect_to(log):
    """How to connect to a server that doubles; ``log`` tells when it starts and stops."""
    client = SimpleNamespace(
        infer=lambda spec, inputs: 2 * inputs,
        server_info=lambda: SimpleNamespace(name="triton", version="2.51.0"),
        metadata=lambda model: SimpleNamespace(versions=("1",)),
        parameters=lambda model: {"trained_on": "synthetic phantoms"},
    )

    @contextmanager
    def connect():
        log.append("start")
        try:
            yield Connection(client, lambda timeout: True, True, None)
        finally:
            log.append("stop")

    return connect


@pytest.fixture
def run(tmp_path):
    """Carry out a run to ``out``: (steps, result); the log is the steps' own."""

    def carry(**settings):
        steps = NumberSteps(tmp_path / "out", [], **settings)
        return steps, carry_out(steps, connect_to(steps.log))

    return carry


def test_the_steps_come_in_order_and_the_server_is_there_for_the_analysis_only(run):
    steps, result = run()
    order = ["read", "analyse", "stop", "describe", "figures", "objects", "report"]
    assert [step for step in steps.log if step != "start"] == order
    assert "start" in steps.log[:3]
    assert result.value == 42
    assert [span.stage for span in steps.stopwatch.spans()] == ["server start", "server stop", "figures"]


def test_everything_is_in_the_output_folder(run, tmp_path):
    _, result = run()
    out = tmp_path / "out"
    named = {"result.json", "report.html", "figures", "own.txt", ".scanserve.sha256"}
    assert {path.name for path in out.iterdir()} == named
    assert (out / "figures" / "plot.png").read_bytes() == b"png"
    assert (out / "report.html").read_text() == "42: plot"
    assert (out / "own.txt").read_text() == "21"
    assert Result.model_validate_json((out / "result.json").read_text()) == result


def test_the_timing_goes_on_until_the_figures_are_drawn(run):
    _, result = run()
    assert "figures" in {span.stage for span in result.timing.spans}


def test_the_timeline_is_the_last_figure_where_it_is_wanted(run, tmp_path):
    run(has_timeline=True)
    assert (tmp_path / "out" / "report.html").read_text() == "42: plot, timing"
    assert {path.name for path in (tmp_path / "out" / "figures").iterdir()} == {"plot.png", "timing.png"}


def test_server_and_models_are_recorded(run):
    steps, _ = run()
    assert steps.provenance.server.name == "triton"
    assert [model.name for model in steps.provenance.models] == [spec.name for spec in steps.models]


def test_without_models_no_server_is_asked_for(run):
    steps, result = run(models=())
    assert steps.log == ["read", "analyse", "describe", "figures", "objects", "report"]
    assert (steps.provenance.server, steps.provenance.models, result.value) == (None, (), 42)


def test_an_output_folder_that_must_not_be_written_stops_the_run_before_any_work(run, tmp_path):
    run()
    with pytest.raises(InputError) as caught:
        run()
    assert caught.value.code == "out-exists"
    log = []
    with pytest.raises(InputError):
        carry_out(NumberSteps(tmp_path / "out", log), connect_to(log))
    assert log == []
    run(force=True)


def test_the_server_starts_while_the_study_is_read(tmp_path):
    steps = NumberSteps(tmp_path / "out", [])
    connect, started = connect_to(steps.log), threading.Event()

    @contextmanager
    def connect_and_say():
        with connect() as connection:
            started.set()
            yield connection

    def read():
        assert started.wait(10.0)
        return 21

    steps.read = read
    assert carry_out(steps, connect_and_say).value == 42


def test_a_bad_study_leaves_no_server(tmp_path):
    log = []
    with pytest.raises(StudyError):
        carry_out(NumberSteps(tmp_path / "out", log, fails_in="read"), connect_to(log))
    assert log.count("read") == 1
    assert log.count("start") == log.count("stop")


def test_a_bad_study_is_told_even_where_there_is_no_server(tmp_path):
    @contextmanager
    def absent():
        raise ServerError("server-unavailable", "gone.")
        yield

    with pytest.raises(StudyError):
        carry_out(NumberSteps(tmp_path / "out", [], fails_in="read"), absent)


@pytest.mark.parametrize("step", ["analyse", "describe", "figures", "objects", "report"])
def test_a_step_that_fails_leaves_nothing_and_no_server(tmp_path, step):
    log = []
    with pytest.raises(StudyError):
        carry_out(NumberSteps(tmp_path / "out", log, fails_in=step), connect_to(log))
    assert log.count("start") == log.count("stop")
    assert list(tmp_path.iterdir()) == []


def test_an_absent_server_is_its_own_error_and_leaves_nothing(tmp_path):
    @contextmanager
    def absent():
        raise ServerError("server-unavailable", "gone.")
        yield

    with pytest.raises(ServerError):
        carry_out(NumberSteps(tmp_path / "out", []), absent)
    assert list(tmp_path.iterdir()) == []


def test_the_first_half_alone_writes_nothing(tmp_path):
    steps = NumberSteps(tmp_path / "out", [])
    analysed = analyse(steps, connect_to(steps.log))
    assert (analysed.study, analysed.found) == (21, 42)
    assert [step for step in steps.log if step != "start"] == ["read", "analyse", "stop"]
    assert list(tmp_path.iterdir()) == []


def test_a_result_of_another_kind_is_kept(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json").write_text(json.dumps({"kind": "scanserve.other.result"}))
    with pytest.raises(InputError) as caught:
        run(force=True)
    assert caught.value.code == "out-not-empty"
