"""Cardiac phases in free text, as vendors and users write them, told from everything else that looks alike.

A percentage is a phase unless something says otherwise: it is one end of a range ("10 - 100 %"), the strength of an
iterative reconstruction ("ASiR-V 40%"), a dose, a step.  Numbers without a percent sign count after a word for a
phase ("Phase 40", "位相 75"); whether they are percentages or only count phases shows in the whole study.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["percent_in_text", "phase_number_in_text", "trigger_in_text"]

_NUMBER = r"\d{1,3}(?:[.,]\d+)?"
_SIGN = r"(?:%|pct\b|percent\b|prozent\b|процент\w*|パーセント|퍼센트)"
_TO = r"(?:-|–|—|~|〜|\.\.|\bto\b|\bbis\b|\bдо\b|至)"
_MS = r"(?:ms(?:ec)?(?![a-z])|мс(?:ек)?|ミリ秒|毫秒|밀리초)"
#: Reconstructions whose strength is a percentage.
_STRENGTHS = r"(?:asir(?:\W?v\b)?|veo|blend|clear\W?view|\bss|\bar|\bir)"
#: What else is given in percent.
_OTHERS = (
    r"(?:(?:min|max)?\W?dose|puls\w*|modulat\w*|scale|zoom|magn\w*|contrast|overlap|opacity|noise|threshold|duty|stenosis|"
    r"steps?|every|incr?\w*|alle|schritt\w*|pas|шаг)"
)

#: ``B26f``, ``Bv40d``, ``FC43``: kernels, whose numbers are no phases.
_KERNEL = re.compile(r"\b(?:[BHUITQSD][a-z]?\d{2}[a-z]?|F[CL]\d{2})\b")
#: ``TP70PC1165``: 70 % of the R-R interval, 1165 ms after the R peak (Siemens).
_SIEMENS = re.compile(r"TP(\d{1,3}(?:\.\d+)?)PC(\d{1,5})?", re.IGNORECASE)
#: What is no single phase, in the order in which it is taken out of a text.
_NO_PERCENT = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # ``10 - 100 %`` with its step ``(5%)``; ``40/75 %``
        rf"(?<![\d.,])\d{{1,3}}(?:[.,]0)?\s*{_SIGN}?\s*{_TO}\s*{_NUMBER}\s*{_SIGN}(?:\W*\d{{1,2}}\s*{_SIGN})?",
        rf"(?<![\d.,])\d{{2}}\s*/\s*\d{{2}}\s*{_SIGN}",
        rf"{_STRENGTHS}\W*{_NUMBER}\s*{_SIGN}",
        rf"{_NUMBER}\s*{_SIGN}\s*{_STRENGTHS}(?!\w)",
        rf"\b{_OTHERS}\W{{0,3}}{_NUMBER}\s*{_SIGN}",
        rf"{_NUMBER}\s*{_SIGN}\s*{_OTHERS}\b",
    )
]
_PERCENT = re.compile(rf"(?<![\d.,])({_NUMBER})\s*{_SIGN}", re.IGNORECASE)

#: Words before a number that names a phase; letters may follow those of systole and diastole.
_PHASE_NUMBER = re.compile(
    r"(?:\b(?:phases?|phasen|ph|fase|faza|fáze|фаза|r-?r)|心?位相|[时時]相|期相|위상"
    r"|(?:diast|syst|диаст|сист|拡張|収縮|舒张|收缩|이완|수축)[^\W\d]*(?=\W*\d{2}))"
    r"\s*[:=#]?\s*(\d{1,3}(?:[.,]0+)?)(?![\d]|[.,]\d|\s*(?:%|/|of\b|ms|мс|mm|sec\b|s\b|-\s*\d))",
    re.IGNORECASE,
)

_TRIGGER = re.compile(rf"(?<![\d.,])(\d{{1,4}}(?:[.,]\d+)?)\s*{_MS}", re.IGNORECASE)
#: Milliseconds that are no delay: a range, before the next R peak, of the gantry or the heart beat.
_TIMES = r"(?:t?res(?:olution)?|temporal|window|width|rot(?:ation)?|exp(?:osure)?|tr|r-?r|interval|cycle)"
_NO_TRIGGER = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\d{{1,4}}\s*{_MS}?\s*{_TO}\s*\d{{1,4}}\s*{_MS}",
        rf"(?<!\w)[-−]\d{{1,4}}(?:[.,]\d+)?\s*{_MS}",
        rf"\b{_TIMES}\W{{0,3}}\d{{1,4}}(?:[.,]\d+)?\s*{_MS}",
        rf"\d{{1,4}}(?:[.,]\d+)?\s*{_MS}\s*{_TIMES}\b",
    )
]


@lru_cache(maxsize=4096)
def percent_in_text(text: str) -> float | None:
    """The one percentage (0 to 100) that a text states as its phase, or ``None``.

    Example:
        >>> percent_in_text("BestDiast 77 %"), percent_in_text("10 - 100 %"), percent_in_text("75% ASIR 40%")
        (77.0, None, 75.0)
    """
    siemens = _SIEMENS.search(text)
    if siemens:
        return _percent(siemens[1])
    found = {_percent(digits) for digits in _PERCENT.findall(_without(_NO_PERCENT, text))} - {None}
    return _only(found)


@lru_cache(maxsize=4096)
def phase_number_in_text(text: str) -> float | None:
    """The one number (0 to 100) without a unit after a word for a phase, or ``None``.

    Example:
        >>> phase_number_in_text("CTA 0.5 Phase 40"), phase_number_in_text("Phase 1 of 10")
        (40.0, None)
    """
    return _only({_percent(digits) for digits in _PHASE_NUMBER.findall(_plain(text))} - {None})


@lru_cache(maxsize=4096)
def trigger_in_text(text: str) -> float | None:
    """The trigger delay in ms that a text states, or ``None``; of several, the first.

    Example:
        >>> trigger_in_text("86bpm, 250ms, 66ms"), trigger_in_text("rotation 280 ms"), trigger_in_text("TP70PC1165")
        (250.0, None, 1165.0)
    """
    siemens = _SIEMENS.search(text)
    if siemens:
        return float(siemens[2]) if siemens[2] else None
    found = _TRIGGER.search(_without(_NO_TRIGGER, text))
    return _decimal(found[1]) if found else None


def _without(patterns: Iterable[re.Pattern[str]], text: str) -> str:
    text = _plain(text)
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def _plain(text: str) -> str:
    """Full-width characters as plain ones, words apart, kernels gone."""
    return _KERNEL.sub(" ", unicodedata.normalize("NFKC", text).replace("_", " "))


def _percent(digits: str) -> float | None:
    value = _decimal(digits)
    return value if value <= 100 else None


def _only(values: set[float | None]) -> float | None:
    return next(iter(values)) if len(values) == 1 else None


def _decimal(digits: str) -> float:
    return float(digits.replace(",", "."))
