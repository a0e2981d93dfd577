"""Peers that take results: by C-STORE (``dicom``) or by STOW-RS (``web``)."""
