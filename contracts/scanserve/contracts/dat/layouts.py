"""Kinds and layout versions of the files of DaTSCAN denoising."""

from __future__ import annotations

from typing import Literal

__all__ = ["RESULT_KIND", "RESULT_VERSION", "TRUTH_KIND", "TRUTH_VERSION", "ResultKind", "ResultVersion"]

ResultKind = Literal["scanserve.dat.result"]
#: The versions of ``result.json`` that readers accept.
ResultVersion = Literal["1.0", "1.1", "1.2", "1.3"]

#: The layout of ``result.json`` that is written.  In 1.1 the ``phase`` of a time span is called ``part``;
#: 1.2 adds ``findings``; 1.3 adds ``trained_on`` of the models.
RESULT_KIND: ResultKind = "scanserve.dat.result"
RESULT_VERSION: ResultVersion = "1.3"
#: ``truth.json`` of a phantom study.
TRUTH_KIND, TRUTH_VERSION = "scanserve.dat.truth", 1
