"""What coronary CT angiography demands of a phase."""

from scanserve.preprocessing.ccta.eligibility import check_eligibility

__all__ = ["check_eligibility"]
