"""What coronary CT angiography takes from a study: eligibility."""
