"""Coronary CT angiography."""
