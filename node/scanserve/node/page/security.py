"""What the page may load and do in a browser, and what a report may do in it."""

from __future__ import annotations

__all__ = ["POLICY", "REPORT_POLICY"]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
#: A report is a page of its own making: it shows its pictures, runs nothing and asks for nothing.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; "
    "frame-ancestors 'self'"
)
