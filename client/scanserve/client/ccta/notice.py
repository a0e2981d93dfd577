"""The notice that every output of the application carries: result, report, figures and command line."""

from __future__ import annotations

from scanserve.contracts import NOT_FOR_DIAGNOSIS

__all__ = ["NOTICE"]

#: The words themselves are part of the contracts; every output module takes them from here.
NOTICE = NOT_FOR_DIAGNOSIS
