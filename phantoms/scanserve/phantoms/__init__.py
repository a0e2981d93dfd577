"""Synthetic studies with exact truth; one sub-package per kind of patient."""

__all__: list[str] = []
