"""A peer that takes results by STOW-RS (PS3.18, 10.5)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import httpx

from scanserve.node import config
from scanserve.node.peers.peer import PeerAbsentError, PeerRefusedError, Told
from scanserve.node.tls import web_context

__all__ = ["WebSender", "authorization"]

#: Seconds for a connection, and for an answer.
CONNECT_S, ANSWER_S = 10.0, 120.0
#: Statuses that ask to come again later.
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


def authorization(token_file: Path | None) -> dict[str, str]:
    """The header by which the node shows who it is."""
    return {} if token_file is None else {"Authorization": token_file.read_text(encoding="utf-8").strip()}


class WebSender:
    """Sends to one peer, one object to a request, so that each has its own answer."""

    def __init__(self, peer: config.WebPeer) -> None:
        self._peer = peer
        self._tls = web_context(peer.authority, peer.certificate, peer.key)

    def send(self, files: Sequence[Path], told: Told) -> None:
        """Send files; see :class:`~scanserve.node.peers.peer.Sender`."""
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        headers = {"Accept": "application/dicom+json", **authorization(self._peer.token_file)}
        with httpx.Client(verify=self._tls, timeout=timeout, headers=headers, trust_env=False) as client:
            for file in files:
                told(file, self._store(client, file))

    def _store(self, client: httpx.Client, file: Path) -> PeerRefusedError | None:
        boundary = secrets.token_hex(16)
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        try:
            answer = client.post(
                f"{self._peer.url.rstrip('/')}/studies",
                content=_body(file.read_bytes(), boundary),
                headers={"Content-Type": kind},
            )
        except httpx.HTTPError as error:
            raise PeerAbsentError(self._peer.name) from error
        if answer.status_code in _LATER:
            raise PeerAbsentError(self._peer.name)
        return None if answer.status_code == httpx.codes.OK else PeerRefusedError(self._peer.name)


def _body(data: bytes, boundary: str) -> bytes:
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return head + data + f"\r\n--{boundary}--\r\n".encode()
