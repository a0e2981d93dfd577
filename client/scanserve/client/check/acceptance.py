"""The acceptance of a study by each application whose images it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scanserve.contracts import APPLICATIONS, NOT_FOR_DIAGNOSIS, StudyError, part
from scanserve.preprocessing.acceptance import Judgement, Verdict, verdict_of
from scanserve.preprocessing.dicom import Progress

__all__ = ["Acceptance", "check_study", "to_json"]


@dataclass(frozen=True)
class Acceptance:
    """What an application makes of a study."""

    application: str
    title: str
    findings: tuple[Judgement, ...]

    @property
    def verdict(self) -> Verdict:
        """What follows from the findings."""
        return verdict_of(self.findings)


def check_study(path: Path, *, progress: Progress | None = None) -> list[Acceptance]:
    """Ask every application that finds images of its own in a study.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: no application can read the study.
    """
    accepted, errors = [], []
    for application in APPLICATIONS:
        check = part("preprocessing", application.name, "check_study").check_study
        try:
            findings = check(path, progress=progress)
        except StudyError as error:
            errors.append((error.code == application.absent, error))
        else:
            accepted.append(Acceptance(application.name, application.title, findings))
    if not accepted:
        raise min(errors, key=lambda entry: entry[0])[1]
    return accepted


def to_json(accepted: Sequence[Acceptance]) -> str:
    """The acceptance as JSON."""
    checks = [
        {"application": item.application, "verdict": item.verdict, "findings": [*map(asdict, item.findings)]}
        for item in accepted
    ]
    return json.dumps({"notice": NOT_FOR_DIAGNOSIS, "checks": checks}, indent=1, ensure_ascii=False) + "\n"
