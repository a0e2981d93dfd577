"""Accuracy of results: centerlines, trees and rankings against a known truth.

The measures (:mod:`~scanserve.evaluation.centerline`, :mod:`~scanserve.evaluation.tree`,
:mod:`~scanserve.evaluation.ranking`, :mod:`~scanserve.evaluation.agreement`,
:mod:`~scanserve.evaluation.bootstrap`) work on arrays.  Only ``scanserve.evaluation.<application>`` knows the layout of
an application's truths and results.

Importing this package is cheap; the modules import what they need.
"""

__all__: list[str] = []
