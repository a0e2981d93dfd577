"""Synthetic studies with exact truth; one sub-package per application."""

__all__: list[str] = []
