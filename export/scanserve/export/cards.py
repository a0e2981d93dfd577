"""Model cards (``weights/<model>/CARD.md``), generated from manifests and measurements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from scanserve.contracts import ModelSpec, SetupError, all_models, owner_of
from scanserve.export.precision import ALLOWED, Precision, PrecisionVerdict, read_verdict, sha256_of_file
from scanserve.networks.card import CARD_FILE, Accuracy, render_card
from scanserve.networks.manifest import read_manifest

__all__ = ["write_cards"]


def write_cards(weights: Path, repository: Path, results: Path, check: bool = False) -> tuple[Path, ...]:
    """Write the card of every network with weights; with ``check`` only compare them.

    Args:
        weights: the folder of trained weights.
        repository: the model repository; a measurement counts only for the ONNX files that it was made with.
        results: the folder of measurements, one per application (``<application>/accuracy.json``).
        check: compare, and write nothing.

    Raises:
        SetupError: code ``generated-files-drift``, with ``check`` only; ``weights-manifest``.
    """
    cards = {
        weights / spec.name / CARD_FILE: _card(spec, weights, repository, results)
        for spec in _trained(weights)
    }
    if check:
        drifted = [path for path, text in cards.items() if not path.is_file() or _text(path) != text]
        if drifted:
            raise SetupError(
                "generated-files-drift",
                f"{len(drifted)} model card(s) differ from manifest or measurement "
                f"({', '.join(path.parent.name for path in drifted)}); write them with `scanserve export cards`.",
            )
    else:
        for path, text in cards.items():
            path.write_text(text, encoding="utf-8")
    return tuple(cards)


def _trained(weights: Path) -> Iterator[ModelSpec]:
    yield from (spec for spec in all_models() if (weights / spec.name / "manifest.json").is_file())


def _card(spec: ModelSpec, weights: Path, repository: Path, results: Path) -> str:
    served = repository / spec.name / "1" / "model.onnx"
    accuracy = _accuracy(spec, served, results)
    return render_card(read_manifest(weights / spec.name), accuracy, list(_precisions(spec, weights)))


def _accuracy(spec: ModelSpec, served: Path, results: Path) -> Accuracy | None:
    """The accuracy measured with the served file of ``spec``; None if the file has changed since."""
    path = results / owner_of(spec.name).name / "accuracy.json"
    if not (path.is_file() and served.is_file()):
        return None
    content = json.loads(_text(path))
    return Accuracy.from_json(content) if content["models"].get(spec.name) == sha256_of_file(served) else None


def _precisions(spec: ModelSpec, weights: Path) -> Iterator[str]:
    for precision in get_args(Precision):
        if (weights / spec.name / f"precision-{precision}.json").is_file():
            yield _line(read_verdict(weights, spec.name, precision))


def _line(verdict: PrecisionVerdict) -> str:
    worst = max(verdict.figures, key=lambda figure: figure.lost)
    word = "refused" if verdict.fallen else "allowed"
    return (
        f"{verdict.precision}: {word}. Of {len(verdict.figures)} figures on {len(verdict.seeds)} studies, "
        f"{worst.name} lost most: {worst.lost:+.4f} (at most {ALLOWED:g} may be lost)."
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
