"""A peer that takes results by C-STORE, and may be asked to commit itself to keeping them (PS3.4, annexes B and J)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context

from scanserve.node import config
from scanserve.node.classes import COMMITMENT, COMMITMENT_INSTANCE
from scanserve.node.peers.peer import PeerAbsentError, PeerRefusedError, Told
from scanserve.node.sockets import closing_handlers
from scanserve.node.tls import client_context
from scanserve.preprocessing.dicom import quiet_pydicom

__all__ = ["DicomSender"]

#: Seconds for a connection, and for an answer.
CONNECT_S, ANSWER_S = 10.0, 60.0
_UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
#: Statuses by which a peer has an object (PS3.4, B.2.3): success and the warnings.
_TAKEN = frozenset({0x0000, 0xB000, 0xB006, 0xB007})
#: Out of resources: to be tried again later.
_RESOURCES = 0xA700
#: What an N-ACTION for storage commitment asks for (PS3.4, J.3.2).
_REQUEST = 1


class DicomSender:
    """Sends to one peer."""

    def __init__(self, own_title: str, peer: config.DicomPeer) -> None:
        self._own_title, self._peer = own_title, peer
        self._tls = None if peer.tls is None else client_context(peer.tls)

    def send(self, files: Sequence[Path], told: Told) -> None:
        """Send files; see :class:`~scanserve.node.peers.peer.Sender`."""
        with quiet_pydicom(), self._associated(_contexts(files)) as association:
            for file in files:
                told(file, self._store(association, file))

    def ask(self, files: Sequence[Path], uid: str) -> None:
        """Ask the peer to keep what it was sent, in a transaction; it answers later, on its own.

        Raises:
            PeerAbsentError: the peer cannot be reached.
            PeerRefusedError: the peer does not offer storage commitment.
        """
        contexts = [build_context(COMMITMENT, list(_UNCOMPRESSED))]
        with quiet_pydicom(), self._associated(contexts) as association:
            if not association.accepted_contexts:
                raise PeerRefusedError(self._peer.name)
            status, _ = association.send_n_action(
                _request(files, uid), _REQUEST, COMMITMENT, COMMITMENT_INSTANCE
            )
            if "Status" not in status:
                raise PeerAbsentError(self._peer.name)
            if status.Status != 0:
                raise PeerRefusedError(self._peer.name)

    def _store(self, association: Association, file: Path) -> PeerRefusedError | None:
        if _rejected_all_contexts(association):
            return PeerRefusedError(self._peer.name)
        if not association.is_established:
            raise PeerAbsentError(self._peer.name)
        try:
            status = association.send_c_store(dcmread(file))
        except ValueError:  # no accepted context for its class
            return PeerRefusedError(self._peer.name)
        except RuntimeError as error:
            raise PeerAbsentError(self._peer.name) from error
        if "Status" not in status or status.Status & 0xFF00 == _RESOURCES:
            raise PeerAbsentError(self._peer.name)
        return None if status.Status in _TAKEN else PeerRefusedError(self._peer.name)

    @contextmanager
    def _associated(self, contexts: list[PresentationContext]) -> Iterator[Association]:
        entity = AE(ae_title=self._own_title)
        entity.connection_timeout, entity.acse_timeout, entity.dimse_timeout = CONNECT_S, CONNECT_S, ANSWER_S
        entity.network_timeout = ANSWER_S
        handlers: list = closing_handlers(ANSWER_S)
        tls = None if self._tls is None else (self._tls, self._peer.host)
        try:
            association = entity.associate(
                self._peer.host,
                self._peer.port,
                contexts=contexts,
                ae_title=self._peer.ae_title,
                tls_args=tls,
                evt_handlers=handlers,
            )
        except OSError as error:
            raise PeerAbsentError(self._peer.name) from error
        if not association.is_established and not _rejected_all_contexts(association):
            raise PeerAbsentError(self._peer.name)
        try:
            yield association
        finally:
            if association.is_established:
                association.release()


def _rejected_all_contexts(association: Association) -> bool:
    """Whether the peer answered, and takes none of what it was offered; pynetdicom aborts then."""
    return bool(association.rejected_contexts) and not association.accepted_contexts


def _contexts(files: Sequence[Path]) -> list[PresentationContext]:
    """One context for each class and transfer syntax; uncompressed objects can be sent either way."""
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for file in files:
        meta = dcmread(file, specific_tags=["SOPClassUID"], stop_before_pixels=True).file_meta
        syntax = UID(meta.TransferSyntaxUID)
        offered = _UNCOMPRESSED if syntax in _UNCOMPRESSED else (syntax,)
        found[(meta.MediaStorageSOPClassUID, offered)] = None
    return [build_context(sop_class, list(offered)) for sop_class, offered in found]


def _request(files: Sequence[Path], uid: str) -> Dataset:
    request = Dataset()
    request.TransactionUID = uid
    request.ReferencedSOPSequence = [_reference(file) for file in files]
    return request


def _reference(file: Path) -> Dataset:
    meta = dcmread(file, specific_tags=["SOPClassUID"], stop_before_pixels=True).file_meta
    item = Dataset()
    item.ReferencedSOPClassUID = meta.MediaStorageSOPClassUID
    item.ReferencedSOPInstanceUID = meta.MediaStorageSOPInstanceUID
    return item
