"""What the files of every application are called inside: their kind and the version of their layout.

``kind`` says what a file is.  A version ``major.minor`` follows semantic versioning: a new optional field raises
the minor number, anything that breaks a reader raises the major one.  A plain number rises with every change.
The layouts of an application's own files are in its own contract.
"""

from __future__ import annotations

__all__ = ["CANARY_VERSION", "EVALUATION_KIND", "EVALUATION_VERSION"]

#: The JSON of ``scanserve evaluate``.
EVALUATION_KIND, EVALUATION_VERSION = "scanserve.evaluation", "1.0"
#: ``canary.json`` beside every served model.
CANARY_VERSION = 1
