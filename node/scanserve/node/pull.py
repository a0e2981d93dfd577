"""Fetching studies from a DICOMweb server: a QIDO-RS query says which, WADO-RS gives their instances.

Only instances that are not here are fetched, so that a pull that was cut off goes on where it was, and a pull that is
repeated costs a question.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import urlsplit

import httpx

from scanserve.contracts import InputError
from scanserve.node import config
from scanserve.node.classes import STORAGE_CLASSES
from scanserve.node.intake import Intake
from scanserve.node.peers.web import ANSWER_S, CONNECT_S, authorization
from scanserve.node.tls import web_context
from scanserve.preprocessing.dicom import FileRejectedError

__all__ = ["Puller", "found"]

_LOG = logging.getLogger(__name__)
#: The caller in the rules, where a study was fetched.
CALLER = "DICOMWEB"
#: Seconds before a server that is absent is asked again.
AGAIN_S = 60.0
_JSON = {"Accept": "application/dicom+json"}
_DICOM = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
_STUDY, _SERIES, _INSTANCE, _CLASS = "0020000D", "0020000E", "00080018", "00080016"


class Puller:
    """Fetches what one query names."""

    def __init__(self, pull: config.Pull, intake: Intake) -> None:
        self._pull, self._intake = pull, intake
        self._tls = web_context(pull.authority, None, None)
        self._root = pull.query.partition("?")[0].removesuffix("/studies")
        self.done = False

    def step(self) -> float:
        """Fetch what is new; seconds until the next time."""
        if self.done:
            return AGAIN_S
        try:
            count = self._fetch_all()
        except (httpx.HTTPError, InputError) as error:
            _LOG.warning("a pull from %s is cut off (%s)", urlsplit(self._root).netloc, type(error).__name__)
            return min(self._pull.every_s or AGAIN_S, AGAIN_S)
        _LOG.info("a pull from %s gave %d instances", urlsplit(self._root).netloc, count)
        self.done = self._pull.every_s is None
        return self._pull.every_s or AGAIN_S

    def _fetch_all(self) -> int:
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        headers = authorization(self._pull.token_file)
        count = 0
        with httpx.Client(verify=self._tls, timeout=timeout, headers=headers, trust_env=False) as client:
            for study in found(client, self._pull.query, _STUDY):
                count += self._fetch_study(client, study)
        return count

    def _fetch_study(self, client: httpx.Client, study: str) -> int:
        count = 0
        place = f"{self._root}/studies/{study}"
        for instance, item in found(client, f"{place}/instances?includefield={_CLASS}", _INSTANCE).items():
            if _value(item, _CLASS) in STORAGE_CLASSES and not self._intake.knows(study, instance):
                self._fetch(client, f"{place}/series/{_value(item, _SERIES)}/instances/{instance}")
                count += 1
        return count

    def _fetch(self, client: httpx.Client, place: str) -> None:
        answer = client.get(place, headers=_DICOM)
        answer.raise_for_status()
        for part in _parts(answer):
            try:
                self._intake.take(part, CALLER)
            except FileRejectedError as error:
                _LOG.warning("a fetched object is refused: %s", error.code)


def found(client: httpx.Client, query: str, key: str) -> dict[str, dict]:
    """What a query names, by a UID.

    A server may answer in parts (PS3.18, 8.3.4.4), and not every one says so: it is asked for the next part until there
    is nothing new.  A query that has a limit of its own means it.
    """
    items: dict[str, dict] = {}
    limited = "limit" in httpx.URL(query).params
    while True:
        part = _part(client, query, offset=len(items))
        new = {_value(item, key): item for item in part if _value(item, key) not in items}
        if not new:
            return items
        items.update(new)
        if limited:
            return items


def _part(client: httpx.Client, query: str, offset: int) -> list[dict]:
    mark = "&" if "?" in query else "?"
    answer = client.get(f"{query}{mark}offset={offset}" if offset else query, headers=_JSON)
    answer.raise_for_status()
    return [] if answer.status_code == httpx.codes.NO_CONTENT else answer.json()


def _value(item: dict, tag: str) -> str:
    """The first value of an attribute in DICOM's JSON model, or ""."""
    values = item.get(tag, {}).get("Value") or [""]
    return str(values[0])


def _parts(answer: httpx.Response) -> Iterator[bytes]:
    """The objects in a multipart answer (RFC 2387); the boundary is looked for, as the objects are binary."""
    kind = BytesParser(policy=HTTP).parsebytes(
        f"Content-Type: {answer.headers.get('Content-Type', '')}\r\n\r\n".encode()
    )
    boundary = kind.get_boundary()
    if not boundary:
        yield answer.content
        return
    for piece in (b"\r\n" + answer.content).split(f"\r\n--{boundary}".encode())[1:]:
        if piece.startswith(b"--"):
            return
        _, _, data = piece.partition(b"\r\n\r\n")
        yield data
