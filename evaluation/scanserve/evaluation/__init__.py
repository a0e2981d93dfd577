"""How right a result is: centerlines, trees and rankings against a known truth.

The measures (:mod:`~scanserve.evaluation.centerline`, :mod:`~scanserve.evaluation.tree`,
:mod:`~scanserve.evaluation.ranking`, :mod:`~scanserve.evaluation.agreement`,
:mod:`~scanserve.evaluation.bootstrap`) know arrays only.  What a truth and a result of one application look
like is known to ``scanserve.evaluation.<application>`` alone.

Importing this package is cheap; the modules import what they need.
"""

__all__: list[str] = []
