"""Kinds and layout versions of the files of coronary CT angiography."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "ANNOTATION_VERSION",
    "RESULT_KIND",
    "RESULT_VERSION",
    "TRUTH_VERSION",
    "AnnotationVersion",
    "ResultKind",
    "ResultVersion",
]

ResultKind = Literal["scanserve.ccta.result"]
#: The versions of ``result.json`` that readers accept.
ResultVersion = Literal["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"]
AnnotationVersion = Literal[1]

#: The layout of ``result.json`` that is written.  1.1 adds ``travel_mm``; in 1.2 the ``phase`` of a time span is called
#: ``part``; 1.3 adds ``left_out``, ``only_series`` and ``without_series`` of the study; 1.4 adds ``findings``; 1.5
#: adds ``trained_on`` of the models.
RESULT_KIND: ResultKind = "scanserve.ccta.result"
RESULT_VERSION: ResultVersion = "1.5"
#: ``truth.json`` of a phantom study.
TRUTH_VERSION = 1
#: ``annotation.json`` of a study that a reader has annotated.
ANNOTATION_VERSION: AnnotationVersion = 1
