"""How many slices a scanner acquires in one rotation, by the name of its model.

Vendors count slices as they publish them: with a flying focal spot or two tubes, that is twice the detector's rows.
Models that were sold with several detectors under one name are not in the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Scanner", "find_scanner"]

#: Model -> slices per rotation, as the vendors publish them.
_SLICES: Mapping[str, int] = {
    # Siemens
    "NAEOTOM Alpha": 288,
    "SOMATOM Force": 384,
    "SOMATOM Drive": 256,
    "SOMATOM Definition Flash": 256,
    "SOMATOM Definition Edge": 128,
    "SOMATOM Definition AS+": 128,
    "SOMATOM Definition": 64,
    "SOMATOM Edge Plus": 128,
    "SOMATOM X.cite": 128,
    "SOMATOM X.ceed": 128,
    "SOMATOM go.Top": 128,
    "SOMATOM go.All": 64,
    "SOMATOM go.Up": 64,
    "SOMATOM go.Now": 32,
    "Sensation 64": 64,
    "Sensation 40": 40,
    "Sensation 16": 16,
    "Sensation Cardiac 64": 64,
    "Emotion 16": 16,
    # GE
    "Revolution CT": 256,
    "Revolution Apex": 256,
    "Revolution Frontier": 128,
    "Revolution HD": 128,
    "Revolution GSI": 128,
    "Revolution EVO": 128,
    "Discovery CT750 HD": 128,
    "Optima CT660": 128,
    "CardioGraphe": 280,
    "LightSpeed VCT": 64,
    "LightSpeed16": 16,
    "BrightSpeed": 16,
    "Optima CT540": 16,
    # Philips
    "iCT 256": 256,
    "Brilliance iCT": 256,
    "iCT SP": 128,
    "IQon - Spectral CT": 128,
    "Spectral CT 7500": 256,
    "Ingenuity CT": 128,
    "Brilliance 64": 64,
    "Brilliance 40": 40,
    "Brilliance 16": 16,
    # Canon and Toshiba
    "Aquilion ONE": 320,
    "Aquilion PRIME": 160,
    "Aquilion Precision": 160,
    "Aquilion CXL": 128,
    "Aquilion CX": 128,
    # United Imaging
    "uCT 960+": 640,
    "uCT 860": 160,
    "uCT 780": 160,
    "uCT 760": 128,
    "uCT 530": 80,
}


@dataclass(frozen=True)
class Scanner:
    """A model of the table and its slices per rotation."""

    model: str
    slices: int


def find_scanner(stated: str) -> Scanner | None:
    """The model of the table whose name ``stated`` is, or begins or ends with; the longest such name.

    Example:
        >>> find_scanner("SOMATOM Definition Flash").slices, find_scanner("beating heart")
        (256, None)
    """
    words = _words(stated)
    found = [model for model in _SLICES if _holds(words, _words(model))]
    model = max(found, key=len, default=None)
    return None if model is None or _is_part(words, model) else Scanner(model, _SLICES[model])


def _words(name: str) -> str:
    """Capitals, a space between words; a plus belongs to its word."""
    return f" {' '.join(re.findall(r'[A-Z0-9+]+', name.upper()))} "


def _holds(words: str, model: str) -> bool:
    return model in words


def _is_part(words: str, model: str) -> bool:
    """Whether the name goes on with a word that makes it another model: ``SOMATOM Definition AS``."""
    rest = words.replace(_words(model), " ").split()
    return any(word in _OTHER_MODELS for word in rest)


#: Words that make another model of a name in the table.
_OTHER_MODELS = frozenset({"AS", "DS", "AS20", "AS40", "AS64"})
