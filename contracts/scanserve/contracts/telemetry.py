"""Nothing phones home: the libraries that would are told not to before any of them is imported.

ONNX Runtime 1.31 writes a device's identifier into the user's cache and looks a host up as soon as it is imported;
OpenVINO does the like through the package ``openvino_telemetry`` where that is installed.  Every package of ours
imports :mod:`scanserve.contracts`, which switches both off for the process and for the processes that it starts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping

__all__ = ["QUIET", "switch_off_telemetry"]

#: What keeps the libraries of a process quiet, as environment variables.
QUIET: Mapping[str, str] = {"ORT_DISABLE_TELEMETRY": "1"}
#: Packages whose only purpose is to send; whoever imports them does without.
_SENDERS = ("openvino_telemetry",)


def switch_off_telemetry(environment: MutableMapping[str, str] | None = None) -> None:
    """Keep this process quiet, and what inherits ``environment`` (this process's own without)."""
    (os.environ if environment is None else environment).update(QUIET)
    for name in _SENDERS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: an import of it is refused
