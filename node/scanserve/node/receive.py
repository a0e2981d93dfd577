"""The DICOM side of a node: C-STORE and C-ECHO, and the answers of peers about storage commitment."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import cast

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt

from scanserve.contracts import InputError
from scanserve.node import config
from scanserve.node.classes import COMMITMENT, STORAGE_CLASSES, TRANSFER_SYNTAXES, VERIFICATION
from scanserve.node.intake import Intake
from scanserve.node.listener import Listener
from scanserve.node.sockets import closing_handlers
from scanserve.node.tls import server_context
from scanserve.preprocessing.dicom import FileRejectedError, quiet_pydicom

__all__ = ["OUT_OF_RESOURCES", "Answers", "Receiver"]

_LOG = logging.getLogger(__name__)
#: Statuses of a C-STORE (PS3.4, B.2.3), and of an event report (PS3.7, 10.1.1).
SUCCESS, OUT_OF_RESOURCES, CANNOT_UNDERSTAND, PROCESSING_FAILURE = 0x0000, 0xA700, 0xC000, 0x0110
#: Seconds that a sender may be silent, and bytes of one piece of a message.
SILENCE_S, PDU_BYTES = 120.0, 131072
#: Seconds that an association that is cut off may take to end.
_ABORT_S = 5.0
#: Rejected for good, by the user, as the calling title is not recognised (PS3.8, 9.3.4).
_CALLER_NOT_RECOGNISED = (1, 1, 3)
_UNCOMPRESSED = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]

#: Called with a transaction, and with the instances that a peer keeps and that it has lost.
Answers = Callable[[str, Sequence[str], Sequence[str]], None]


class Receiver:
    """Listens while it is started; a sender is answered when what it sent is on the disk."""

    def __init__(self, settings: config.Dicom, intake: Intake, answers: Answers) -> None:
        self._settings, self._intake, self._answers = settings, intake, answers
        self._server: Listener | None = None

    @property
    def port(self) -> int:
        """The port that is listened at."""
        assert self._server is not None
        return self._server.server_address[1]

    def start(self) -> None:
        """Listen.

        Raises:
            InputError: code ``port-in-use`` or ``tls-file``.
        """
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)  # its lines quote headers
        tls = None if self._settings.tls is None else server_context(self._settings.tls)
        place = (self._settings.host, self._settings.port)
        handlers: list = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_N_EVENT_REPORT, self._report),
            (evt.EVT_REQUESTED, self._requested),
            *closing_handlers(SILENCE_S),
        ]
        try:
            listener = self._entity().make_server(
                place, evt_handlers=handlers, ssl_context=tls, server_class=Listener
            )
        except OSError as error:
            raise InputError("port-in-use", f"port {place[1]} cannot be listened at.") from error
        self._server = cast(Listener, listener)
        self._server.silence_s = SILENCE_S
        threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True).start()

    def stop(self, patience_s: float) -> None:
        """Let no new sender in; those that are here may go on for a while, and are cut off then."""
        if self._server is None:
            return
        entity = self._server.ae
        self._server.shutdown()
        self._server = None
        deadline = time.monotonic() + patience_s
        for association in entity.active_associations:
            association.join(max(deadline - time.monotonic(), 0.0))
        left = entity.active_associations
        for association in left:
            association.abort()
            association.join(_ABORT_S)

    def _entity(self) -> AE:
        entity = AE(ae_title=self._settings.ae_title)
        entity.maximum_associations = self._settings.associations
        entity.maximum_pdu_size = PDU_BYTES
        entity.network_timeout = entity.dimse_timeout = SILENCE_S
        entity.require_called_aet = True
        entity.add_supported_context(VERIFICATION)
        for sop_class in STORAGE_CLASSES:
            entity.add_supported_context(sop_class, list(TRANSFER_SYNTAXES))
        entity.add_supported_context(COMMITMENT, _UNCOMPRESSED, scu_role=False, scp_role=True)
        return entity

    def _requested(self, event: evt.Event) -> None:
        """Turn away who is not on the list of callers, or calls from another address."""
        requestor = event.assoc.requestor
        title = str(requestor.primitive and requestor.primitive.calling_ae_title).strip()
        if not self._is_welcome(title, requestor.address):
            _LOG.warning("a caller that is not on the list is turned away")
            event.assoc.acse.send_reject(*_CALLER_NOT_RECOGNISED)
            event.assoc.kill()

    def _is_welcome(self, title: str, address: str) -> bool:
        if self._settings.any_caller:
            return True
        return any(
            caller.ae_title.strip() == title and caller.host in (None, address)
            for caller in self._settings.callers
        )

    def _store(self, event: evt.Event) -> int:
        try:
            with quiet_pydicom():
                self._intake.take(event.encoded_dataset(), event.assoc.requestor.ae_title.strip())
        except InputError as error:
            _LOG.warning("an object is turned away: %s", error.code)
            return OUT_OF_RESOURCES
        except FileRejectedError as error:
            _LOG.warning("an object is refused: %s", error.code)
            return CANNOT_UNDERSTAND
        return SUCCESS

    def _report(self, event: evt.Event) -> tuple[int, None]:
        """A peer says what it keeps (PS3.4, J.3.3)."""
        with quiet_pydicom():
            report = event.event_information
            kept, lost = (
                [str(item.ReferencedSOPInstanceUID) for item in report.get(keyword) or ()]
                for keyword in ("ReferencedSOPSequence", "FailedSOPSequence")
            )
            self._answers(str(report.TransactionUID), kept, lost)
        return SUCCESS, None
