"""The states of a job: one study for one application.

receiving ──► waiting ──► running ──► returning ──► done
    ▲            ▲           │            │
    │            └── again ──┤            │
    └──── the study grew ────┼────────────┤
                             ▼            ▼
                      refused, failed, cancelled
"""

from __future__ import annotations

__all__ = [
    "ACTIVE",
    "CANCELLED",
    "DONE",
    "ENDED",
    "FAILED",
    "RECEIVING",
    "REFUSED",
    "RETURNING",
    "RUNNING",
    "STATES",
    "WAITING",
]

RECEIVING = "receiving"
WAITING = "waiting"
RUNNING = "running"
RETURNING = "returning"
DONE = "done"
REFUSED = "refused"
FAILED = "failed"
CANCELLED = "cancelled"

#: In the order of a study's way.
STATES = (RECEIVING, WAITING, RUNNING, RETURNING, DONE, REFUSED, FAILED, CANCELLED)
ACTIVE = (RECEIVING, WAITING, RUNNING, RETURNING)
ENDED = (DONE, REFUSED, FAILED, CANCELLED)
