"""The page's server, in a thread of the node."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

import uvicorn
from starlette.applications import Starlette

from scanserve.contracts import InputError
from scanserve.node import config
from scanserve.node.node import Node
from scanserve.node.page.app import build_app
from scanserve.node.page.desk import Desk
from scanserve.node.page.sessions import Sessions, token_of

__all__ = ["PageServer"]

#: Seconds that the server may take to end.
_JOIN_S = 10.0


class PageServer:
    """Serves the page of a node that runs while its context is open.

    Raises:
        InputError: code ``port-in-use`` or ``tls-file``.
    """

    def __init__(self, node: Node) -> None:
        page = node.config.page
        self.token_file = page.token_file or node.layout.token
        app = build_app(Desk(node), Sessions(token_of(self.token_file)), page)
        self._server = uvicorn.Server(_settings(app, page))
        try:
            self._socket = socket.create_server((page.host, page.port))
        except OSError as error:
            raise InputError("port-in-use", f"port {page.port} for the page is in use.") from error
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        scheme = "https" if page.certificate else "http"
        self.url = f"{scheme}://{page.host}:{self._socket.getsockname()[1]}/"

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_JOIN_S)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _settings(app: Starlette, page: config.Page) -> uvicorn.Config:
    """The settings of the server, with the certificate read, so that a bad one is said before anything is served."""
    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        ssl_certfile=page.certificate,
        ssl_keyfile=page.key,
        timeout_graceful_shutdown=2,
    )
    try:
        settings.load()
    except OSError as error:
        raise InputError(
            "tls-file", "the certificate or the key of the page cannot be read as PEM."
        ) from error
    return settings
