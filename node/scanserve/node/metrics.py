"""The metrics of a node in Prometheus' text format: numbers and names of the configuration, nothing of any header."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator, Mapping

from scanserve.contracts import InputError
from scanserve.node.clock import NodeClock
from scanserve.node.disk import Room
from scanserve.node.queue import states
from scanserve.node.queue.facade import Queue
from scanserve.node.queue.view import View

__all__ = ["MetricsServer", "render_metrics"]

#: Labels (name, value) to a number.
Labelled = Mapping[tuple[tuple[str, str], ...], float]
_HOST = "127.0.0.1"
#: Counts of the queue: the first part of their names, the label of the second, and what they are.
_TOTALS = (
    ("received", "outcome", "Objects received."),
    ("outcomes", "outcome", "Analyses with a result, and ends of jobs."),
    ("stage_seconds", "stage", "Seconds spent in a stage, of jobs with a result."),
)
#: How often the server looks whether it is to stop, seconds.
_LOOK_S = 0.05
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render_metrics(queue: Queue, room: Room, clock: NodeClock) -> str:
    """The metrics as text."""
    return "\n".join(_lines(queue, room, clock)) + "\n"


def _lines(queue: Queue, room: Room, clock: NodeClock) -> Iterator[str]:
    now_s = clock()
    yield from _states(queue.view, now_s)
    yield from _totals(queue.kept.counts())
    yield from _metric("images_bytes", "gauge", "Bytes of images.", {(): room.used})
    yield from _metric("images_quota_bytes", "gauge", "Bytes that images may take.", {(): room.quota})
    yield from _metric("clock_seconds", "counter", "The node's clock.", {(): now_s})


def _states(view: View, now_s: float) -> Iterator[str]:
    jobs: Labelled = {
        (("application", application or "none"), ("state", state)): count
        for (application, state), count in view.counts().items()
    }
    yield from _metric("jobs", "gauge", "Studies by application and state.", jobs)
    oldest = view.oldest()
    ages: Labelled = {(("state", state),): now_s - oldest.get(state, now_s) for state in states.ACTIVE}
    yield from _metric("oldest_seconds", "gauge", "Age of the oldest study in a state.", ages)
    waiting: Labelled = {(("peer", peer),): count for peer, count in view.deliveries_waiting().items()}
    yield from _metric("deliveries_waiting", "gauge", "Objects that a peer is still to get.", waiting)


def _totals(counts: Mapping[str, float]) -> Iterator[str]:
    for name, label, text in _TOTALS:
        found: Labelled = {
            ((label, key.partition(":")[2]),): value
            for key, value in counts.items()
            if key.startswith(f"{name}:")
        }
        yield from _metric(f"{name}_total", "counter", text, found)


def _metric(short: str, kind: str, text: str, values: Labelled) -> Iterator[str]:
    name = f"scanserve_node_{short}"
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in sorted(values.items()):
        listed = ",".join(f'{label}="{content}"' for label, content in labels)
        yield f"{name}{{{listed}}} {value:.12g}" if listed else f"{name} {value:.12g}"


class MetricsServer:
    """Answers ``GET /metrics`` on loopback while it is started.

    Raises:
        InputError: code ``port-in-use``.
    """

    def __init__(self, port: int, render: Callable[[], str]) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(render() if self.path == "/metrics" else "")

            def _answer(self, text: str) -> None:
                self.send_response(200 if text else 404)
                self.send_header("Content-Type", _TYPE)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        try:
            self._server = http.server.ThreadingHTTPServer((_HOST, port), Handler)
        except OSError as error:
            raise InputError("port-in-use", f"port {port} for the metrics is in use.") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_S,), name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return self._server.server_address[1]

    def start(self) -> None:
        """Answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
