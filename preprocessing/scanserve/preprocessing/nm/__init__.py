"""Nuclear medicine: emission tomograms."""
