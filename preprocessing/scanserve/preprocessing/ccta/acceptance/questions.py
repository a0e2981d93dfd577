"""What neither header nor image shows, asked of whoever requests the analysis."""

from __future__ import annotations

from scanserve.preprocessing.acceptance import Judgement

__all__ = ["QUESTIONS"]

#: Asked of every study.
QUESTIONS = (
    Judgement(
        "question-rhythm",
        "question",
        "Was the heart in sinus rhythm, without extra beats, while the scan was taken?",
    ),
    Judgement(
        "question-surgery",
        "question",
        "Has the patient had bypass, valve or other heart surgery, or a stent, of which the header says nothing?",
    ),
    Judgement(
        "question-congenital",
        "question",
        "Is a congenital heart disease or an anomaly of the coronary arteries known?",
    ),
    Judgement(
        "question-device",
        "question",
        "Does the patient have a pacemaker or defibrillator of which nothing lies in the field?",
    ),
)
