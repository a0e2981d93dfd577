"""Kinds and layout versions of files that all applications share.

``kind`` says what a file is.  A version ``major.minor`` follows semantic versioning: a new optional field raises
the minor number, a change that breaks readers raises the major one.  A plain number rises with every change.
The layouts of an application's own files are in its contract.
"""

from __future__ import annotations

__all__ = ["CANARY_VERSION", "EVALUATION_KIND", "EVALUATION_VERSION"]

#: The JSON of ``scanserve evaluate``.
EVALUATION_KIND, EVALUATION_VERSION = "scanserve.evaluation", "1.0"
#: ``canary.json`` beside every served model.
CANARY_VERSION = 1
