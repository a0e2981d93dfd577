"""Architectures and fixed-arithmetic graphs as torch modules (extra ``export``), a folder per application."""
