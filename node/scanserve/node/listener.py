"""The socket at which the DICOM side listens: one sender that stops keeps nobody out.

pynetdicom 3.0 shakes hands in the thread that accepts, and waits for the rest of a message for ever.  Here each
connection does both in its own thread, and a silent one is cut off.
"""

from __future__ import annotations

import socket
from socketserver import BaseServer
from typing import Any, cast

from pynetdicom.transport import ThreadedAssociationServer

__all__ = ["Listener"]


class Listener(ThreadedAssociationServer):
    """Accepts associations; ``silence_s`` is how long a sender may stop in the middle of something, seconds."""

    silence_s = 120.0
    daemon_threads = True

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """A connection; nothing has been said on it yet."""
        listening = cast(socket.socket, self.socket)
        connection, address = listening.accept()
        return connection, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands where TLS is wanted, and hand the connection over to its association."""
        request.settimeout(self.silence_s)
        if self.ssl_context is not None:
            request = self._secured(request)
        super().finish_request(request, client_address)

    def _secured(self, connection: socket.socket) -> socket.socket:
        assert self.ssl_context is not None
        try:
            return self.ssl_context.wrap_socket(connection, server_side=True)
        except BaseException:
            connection.close()
            raise

    def shutdown(self) -> None:
        """Accept nothing more, and close the socket."""
        BaseServer.shutdown(self)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that fails is the sender's affair."""
