"""The page's server on loopback, for as long as the command runs."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.client.runs.connection import Connect
from scanserve.client.runs.output import RESULT
from scanserve.client.runs.provenance import Provenance, provenance_of
from scanserve.client.runs.steps import Analysed, write_out
from scanserve.client.spine.page.workbench import Workbench
from scanserve.client.spine.run import Found, Options, SpineSteps
from scanserve.client.spine.taken import Taken, read_earlier
from scanserve.contracts import InputError, SetupError

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["edit", "open_bench", "served", "token"]

_HOST = "127.0.0.1"
#: Seconds that the server may take to begin and to end.
_WAIT_S = 10.0
_TOKEN_BYTES = 24


def edit(options: Options, connect: Connect, port: int, who: str, say: Callable[[str], None]) -> None:
    """Read the film, write the result, and serve the page until the command is interrupted.

    Args:
        options: what to measure and where to write; an earlier result of this film there is gone on with.
        connect: opens the connection to the server.
        port: of the page.
        who: the reader's name.
        say: tells whoever started the command where the page is.

    Raises:
        SetupError: code ``extra-missing``.
        ScanserveError: what the stages raise.
    """
    try:
        from scanserve.client.spine.page.app import build_app
    except ImportError as error:
        raise SetupError("extra-missing", "the page needs pip install 'scanserve[node]'.") from error
    with open_bench(options, connect, who or _user()) as bench:
        known = token()
        with served(build_app(bench, known), port) as url:
            say(f"The page is at {url}?token={known}")
            say(f"What is saved there goes to {options.out}. End with Ctrl-C.")
            _until_interrupted()


@contextmanager
def open_bench(options: Options, connect: Connect, who: str) -> Iterator[Workbench]:
    """A workbench on the film of a study, whose first reading is written already.

    Raises: as :func:`edit`.
    """
    steps = SpineSteps(options)
    taken = steps.read()
    steps, taken = _continued(steps, taken)
    with steps.output.held():
        pass
    with connect() as connection:
        provenance = provenance_of(connection, steps.models)
        found = steps.analyse(taken, connection.infer)
        reader = steps.reader(taken, connection.client.infer)
        reader.place(found.reading.box)
        _write(steps, taken, provenance, found)
        later = SpineSteps(replace(steps.options, force=True), steps.stopwatch)
        yield Workbench(
            taken,
            reader,
            found,
            lambda corrected: _write(later, taken, provenance, corrected),
            provenance.notice,
            who,
        )


def _continued(steps: SpineSteps, taken: Taken) -> tuple[SpineSteps, Taken]:
    """With the corrections that the output folder holds of this film, which may then be written again.

    Raises:
        InputError: code ``hints-of-another-film``, unless it is to be overwritten.
    """
    earlier = steps.options.out / RESULT
    if steps.options.corrections is not None or steps.options.force or not earlier.is_file():
        return steps, taken
    known = read_earlier(earlier, taken.shown.image.sha256)
    return SpineSteps(replace(steps.options, force=True), steps.stopwatch), replace(taken, earlier=known)


def _write(steps: SpineSteps, taken: Taken, provenance: Provenance, found: Found) -> None:
    write_out(steps, Analysed(taken, found, provenance))


@contextmanager
def served(app: Starlette, port: int) -> Iterator[str]:
    """The address of the page, for the time of a block.

    Raises:
        InputError: code ``port-in-use``.
    """
    import uvicorn

    try:
        listening = socket.create_server((_HOST, port))
    except OSError as error:
        raise InputError(
            "port-in-use", f"port {port} for the page is in use; name another with --port."
        ) from error
    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="page", daemon=True)
    thread.start()
    try:
        yield f"http://{_HOST}:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(_WAIT_S)
        listening.close()


def token() -> str:
    """The token of this user's pages: the same for every start, so that an open page goes on after one."""
    path = _state_folder() / "spine-page-token"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        known = path.read_text(encoding="ascii").strip()
        return known or secrets.token_urlsafe(_TOKEN_BYTES)
    except OSError:  # no place for it: a token for this time
        return secrets.token_urlsafe(_TOKEN_BYTES)
    made = secrets.token_urlsafe(_TOKEN_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(made + "\n")
    return made


def _state_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "scanserve"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _until_interrupted() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
