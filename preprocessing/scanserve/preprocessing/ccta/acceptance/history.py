"""Previous surgery, devices and congenital heart disease, as the text of a header tells them.

What is reported is the subject and the attribute, never the text: that may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanserve.preprocessing.acceptance import Confidence
from scanserve.preprocessing.dicom import Header, tag

__all__ = ["ATTRIBUTES", "Mention", "find_mentions"]

#: Attributes in which history is told.
ATTRIBUTES = (
    "StudyDescription",
    "SeriesDescription",
    "ProtocolName",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "ReasonForStudy",
    "ReasonForTheRequestedProcedure",
    "ReasonForVisit",
    "AdmittingDiagnosesDescription",
    "AdditionalPatientHistory",
    "PatientComments",
    "MedicalAlerts",
    "SpecialNeeds",
    "PatientState",
    "ImageComments",
    "StudyComments",
    "RequestedProcedureComments",
    "CommentsOnThePerformedProcedureStep",
)
_TAGS = {keyword: tag(keyword) for keyword in ATTRIBUTES}


def _words(listed: str) -> re.Pattern[str]:
    words = (" ".join(word.split()) for word in listed.split(","))
    return re.compile(f" (?:{'|'.join(words)})(?= )")


#: Subject -> its words in capitals, in several languages; compared whole.
_SUBJECTS: Mapping[str, re.Pattern[str]] = {
    "bypass surgery": _words(
        "CABG, CABGS, BYPASS, BYPASSES, ACB, ACVB, MCB, LIMA, RIMA, PONTAGE, PONTAGES, VEIN GRAFT, CORONARY GRAFT"
    ),
    "valve surgery": _words(
        """TAVI, TAVR, VALVE REPLACEMENT, VALVE REPAIR, PROSTHETIC VALVE, MECHANICAL VALVE, BIOPROSTHESIS,
        KLAPPENERSATZ, AORTENKLAPPENERSATZ, MITRALKLAPPENERSATZ, VALVE PROSTHESIS, MITRACLIP"""
    ),
    "heart surgery": _words(
        """CARDIAC SURGERY, HEART SURGERY, STERNOTOMY, HEART TRANSPLANT, CARDIAC TRANSPLANT, HTX, LVAD,
        HERZOPERATION, HERZ OP, CHIRURGIE CARDIAQUE, BENTALL, AORTIC ROOT REPLACEMENT"""
    ),
    "pacemaker or defibrillator": _words(
        """PACEMAKER, PACE MAKER, PPM, ICD(?! (?:9|10)), CRT, CRT D, CRT P, DEFIBRILLATOR, SCHRITTMACHER,
        HERZSCHRITTMACHER, STIMULATEUR, MARCAPASOS"""
    ),
    "stent": _words("STENT, STENTS, STENTED, PCI, PTCA, DES IN, SCAFFOLD"),
    "congenital heart disease": _words(
        """CONGENITAL, FONTAN, FALLOT, GUCH, ACHD, CHD CONGENITAL, TRANSPOSITION, TGA, ALCAPA, COARCTATION,
        AORTENISTHMUSSTENOSE, SINGLE VENTRICLE, ANOMALOUS CORONARY, CORONARY ANOMALY, EBSTEIN, MUSTARD, SENNING,
        ANGEBORENER HERZFEHLER, CARDIOPATHIE CONGENITALE"""
    ),
}
#: Words that, up to two words before, turn a mention into its opposite, or into a question.
_DENIED = frozenset(
    {"NO", "NOT", "WITHOUT", "DENIES", "KEIN", "KEINE", "OHNE", "SANS", "SIN", "SENZA", "RULE", "OUT"}
)
_BEFORE = 2
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Mention:
    """A subject that the text of an attribute mentions, and how surely it is meant."""

    subject: str
    attribute: str
    confidence: Confidence


def find_mentions(header: Header) -> list[Mention]:
    """Each subject once, where it is mentioned most surely, in the order of the table."""
    texts = {keyword: _normal(header.text(tag)) for keyword, tag in _TAGS.items()}
    found = []
    for subject, words in _SUBJECTS.items():
        mentions = [
            Mention(subject, keyword, _confidence(text, match.start()))
            for keyword, text in texts.items()
            for match in words.finditer(text)
        ]
        found += sorted(mentions, key=lambda mention: mention.confidence == "low")[:1]
    return found


def _confidence(text: str, start: int) -> Confidence:
    before = text[:start].split()[-_BEFORE:]
    return "low" if _DENIED.intersection(before) else "medium"


def _normal(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.upper()))} "
