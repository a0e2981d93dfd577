"""Data sets of spine films with published landmarks."""
