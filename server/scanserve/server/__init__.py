"""The embedded server: the real tritonserver of ``nvidia-pytriton`` on loopback, on the CPU.

Names are imported on first use, so that the guardian process of a server stays small.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanserve.server.canary import verify_canaries, write_canaries
    from scanserve.server.embedded import Embedded
    from scanserve.server.launcher import SHM_KEY_HEADER, SHM_KEY_VARIABLE
    from scanserve.server.repository import find_model_repository
    from scanserve.server.supervisor import Event

__all__ = [
    "SHM_KEY_HEADER",
    "SHM_KEY_VARIABLE",
    "Embedded",
    "Event",
    "find_model_repository",
    "verify_canaries",
    "write_canaries",
]

_HOMES = {
    "SHM_KEY_HEADER": "launcher",
    "SHM_KEY_VARIABLE": "launcher",
    "Embedded": "embedded",
    "Event": "supervisor",
    "find_model_repository": "repository",
    "verify_canaries": "canary",
    "write_canaries": "canary",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
