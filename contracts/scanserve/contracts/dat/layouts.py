"""Kinds and layout versions of the files of DaTSCAN denoising."""

from __future__ import annotations

from typing import Literal

__all__ = ["RESULT_KIND", "RESULT_VERSION", "TRUTH_KIND", "TRUTH_VERSION", "ResultKind", "ResultVersion"]

ResultKind = Literal["scanserve.dat.result"]
#: Every version that a reader of ``result.json`` accepts.
ResultVersion = Literal["1.0", "1.1"]

#: ``result.json``, as it is written.  1.1: ``part`` of a time span, which 1.0 calls ``phase``.
RESULT_KIND: ResultKind = "scanserve.dat.result"
RESULT_VERSION: ResultVersion = "1.1"
#: ``truth.json`` of a phantom study.
TRUTH_KIND, TRUTH_VERSION = "scanserve.dat.truth", 1
