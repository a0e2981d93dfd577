"""``--data``: a folder of annotated studies, or a data set in its published layout, made one.

A data set is read once.  What its adapter draws is kept in the cache as an annotation that names the image where it
lies, so that nothing of the data set is copied; the samples of training are made from it as from any annotation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve import geometry
from scanserve.contracts import InputError
from scanserve.preprocessing.findings import Finding
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta import annotation, datasets, imagefile
from scanserve.training.ccta.annotation import FILE, AnnotatedPhase, Annotation
from scanserve.training.ccta.datasets import asoca, cat08, imagecas, slicer
from scanserve.training.ccta.datasets.case import Adapter, Case, Drawing
from scanserve.training.ccta.datasets.summary import CaseFinding, summary
from scanserve.training.recipe import Data

__all__ = ["ADAPTERS", "open_data", "split"]

#: KIND in ``--data KIND:FOLDER``.
ADAPTERS: Mapping[str, Adapter] = {
    "imagecas": imagecas,
    "asoca": asoca,
    "cat08": cat08,
    "slicer": slicer,
}
#: What the one phase of an image file is called.
PHASE = "image"
#: Cases whose number is a multiple of this validate.
EVERY = 10
#: What was noticed, case by case.
FINDINGS_FILE = "findings.txt"

Preparing = Callable[[int, int], None]


def open_data(text: str, cache: Path, preparing: Preparing | None = None) -> Data:
    """What ``--data`` names.

    Args:
        text: FOLDER or KIND:FOLDER.
        cache: where a data set's annotations are kept.
        preparing: told how many cases are read, of how many.

    Raises:
        InputError: codes ``file-missing`` and ``no-cases``.
        SetupError: code ``extra-missing``.
    """
    kind, _, place = text.partition(":")
    folder = Path(place if kind in ADAPTERS else text)
    if not folder.is_dir():
        raise InputError(
            "file-missing",
            f"data must be an existing FOLDER, or KIND:FOLDER with one of {', '.join(ADAPTERS)}, but is {text!r}.",
        )
    return _opened(kind, folder.resolve(), cache, preparing) if kind in ADAPTERS else Data(folder)


def split(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Cases by ``train`` and ``validation``: a number that ends in 0 validates; where none does, the last case.

    >>> numbers = [Case(number, str(number), Path(), ()) for number in (1, 2, 10, 11, 20)]
    >>> {name: [case.number for case in part] for name, part in split(numbers).items()}
    {'train': [1, 2, 11], 'validation': [10, 20]}
    >>> {name: [case.number for case in part] for name, part in split(numbers[:2]).items()}
    {'train': [1], 'validation': [2]}
    """
    held_out = [case for case in cases if case.number % EVERY == 0] or list(cases[-1:])
    return {"train": [case for case in cases if case not in held_out], "validation": held_out}


def _opened(kind: str, folder: Path, cache: Path, preparing: Preparing | None) -> Data:
    """A data set as annotated studies in the cache."""
    adapter = ADAPTERS[kind]
    cases = tuple(adapter.cases(folder))
    if not cases:
        raise InputError(
            "no-cases",
            f"{folder.name} must hold cases in the layout of {kind} but holds none; see docs/training.md.",
        )
    home = cache / f"{kind}-{_digest(folder, cases)}"
    bank = Bank(home / "cases", 0, len(cases), _Draw(kind, cases))
    bank.prepare(preparing)
    found = [_Read.of(bank.read(index)) for index in range(len(cases))]
    parts = _written(home / "studies", cases, found)
    noticed = [
        CaseFinding(case.name, f) for case, read in zip(cases, found, strict=True) for f in read.findings
    ]
    (home / FINDINGS_FILE).write_text("".join(f"{each}\n" for each in noticed), encoding="utf-8")
    _check(parts, len(cases), noticed)
    notes = summary(noticed, {name: len(part) for name, part in parts.items()}, len(cases))
    return Data(
        home / "studies", adapter.TITLE, f"{kind}:DATA", (*notes, f"Case by case: {home / FINDINGS_FILE}")
    )


@dataclass(frozen=True)
class _Draw:
    """Draws the case of an index; picklable.  Text goes into a bank as the bytes of its UTF-8."""

    kind: str
    cases: tuple[Case, ...]

    def __call__(self, index: int) -> dict[str, npt.NDArray]:
        case = self.cases[index]
        try:
            drawing = ADAPTERS[self.kind].draw(case)
        except InputError as error:
            return {"findings": _findings((Finding(error.code, error.message),))}
        return {"annotation": _bytes(_annotation(case, drawing)), "findings": _findings(drawing.findings)}


@dataclass(frozen=True)
class _Read:
    """What was drawn of a case: the text of its annotation, None where it cannot be used, and findings."""

    text: str | None
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, item: Mapping[str, npt.NDArray]) -> _Read:
        texts = {name: array.tobytes().decode("utf-8") for name, array in item.items()}
        return cls(texts.get("annotation"), tuple(Finding(*each) for each in json.loads(texts["findings"])))


def _annotation(case: Case, drawing: Drawing) -> str:
    phase = AnnotatedPhase(phase=PHASE, vessels=list(drawing.vessels))
    return Annotation(
        phases=[phase], image=str(case.image), image_shift_hu=drawing.image_shift_hu
    ).model_dump_json(exclude_defaults=True)


def _findings(findings: Sequence[Finding]) -> npt.NDArray[np.uint8]:
    return _bytes(json.dumps([(finding.code, finding.message) for finding in findings]))


def _bytes(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _digest(folder: Path, cases: Sequence[Case]) -> str:
    """Twelve hexadecimal digits of where the cases lie, the sizes of their files and the code that draws them."""
    code = fingerprint(datasets, annotation, imagefile, geometry)
    files = [file for case in cases for file in (case.image, *case.drawn)]
    sizes = [f"{file.relative_to(folder)} {file.stat().st_size if file.is_file() else ''}" for file in files]
    return hashlib.sha256("\n".join([code, str(folder), *sizes]).encode("utf-8")).hexdigest()[:12]


def _written(studies: Path, cases: Sequence[Case], found: Sequence[_Read]) -> dict[str, list[Case]]:
    """The usable cases by split, each with its annotation in ``studies``."""
    texts = {case: read.text for case, read in zip(cases, found, strict=True) if read.text is not None}
    parts = split(list(texts))
    for name, part in parts.items():
        for case in part:
            file = studies / name / case.name / FILE
            file.parent.mkdir(parents=True, exist_ok=True)
            whole = file.with_suffix(".part")
            whole.write_text(texts[case], encoding="utf-8")
            whole.replace(file)
    return parts


def _check(parts: Mapping[str, Sequence[Case]], count: int, noticed: Sequence[CaseFinding]) -> None:
    """Raise ``InputError`` ``no-cases`` unless there is a case to train and one to validate."""
    if not all(parts.values()):
        usable, first = sum(map(len, parts.values())), f"; {noticed[0]}" if noticed else "."
        raise InputError(
            "no-cases", f"two cases or more must be usable but of {count} only {usable} can be used{first}"
        )
