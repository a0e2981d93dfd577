"""How right doubled numbers are."""

import json
from dataclasses import dataclass

from scanserve.evaluation.application import Table


@dataclass(frozen=True)
class FakeReport:
    """How many of the studies have the true numbers."""

    right: int
    studies: int

    def as_dict(self):
        return {"right": self.right, "studies": self.studies}

    def tables(self):
        return (Table("Doubled numbers", ("", "right"), (("all", f"{self.right} of {self.studies}"),)),)

    def notes(self):
        return ()


def evaluate(pairs, progress=None):
    right = [pair.result is not None and _doubled(pair.result) == _doubled(pair.truth) for pair in pairs]
    return FakeReport(sum(right), len(right))


def _doubled(file):
    return json.loads(file.read_text(encoding="utf-8"))["doubled"]
