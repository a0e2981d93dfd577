"""Kinds and layout versions of the files of vertebra keypoints."""

from __future__ import annotations

from typing import Literal

__all__ = ["RESULT_KIND", "RESULT_VERSION", "TRUTH_KIND", "TRUTH_VERSION", "ResultKind", "ResultVersion"]

ResultKind = Literal["scanserve.spine.result"]
#: The versions of ``result.json`` that readers accept.
ResultVersion = Literal["1.0", "1.1"]

#: The layout of ``result.json`` that is written.  1.1 adds ``trained_on`` of the models.
RESULT_KIND: ResultKind = "scanserve.spine.result"
RESULT_VERSION: ResultVersion = "1.1"
#: ``truth.json`` of a phantom study.
TRUTH_KIND, TRUTH_VERSION = "scanserve.spine.truth", 1
