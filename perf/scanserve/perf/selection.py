"""Which studies of an application are measured: of another population, or laid into real CTs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import InputError

__all__ = ["Selection"]


@dataclass(frozen=True)
class Selection:
    """A column of the figures; by default the application's own studies.

    Attributes:
        population: the population that patients are drawn from.
        into: folders of real CTs into which they are laid, each CT with the same number of patients.
        unenhanced: whether these CTs show no contrast medium.
        phases: phases of a study: their number, or a part of the beat as ``FROM-TO/STEP``.
        override: the reason for analysing studies that are not eligible.

    Raises:
        InputError: code ``at-without-into``.
    """

    population: str | None = None
    into: tuple[Path, ...] = ()
    unenhanced: bool = False
    phases: str | None = None
    override: str | None = None

    def __post_init__(self) -> None:
        if self.unenhanced and not self.into:
            raise InputError("at-without-into", "--unenhanced must come with --into but came alone.")

    @property
    def folder(self) -> str:
        """The name of its folder of results: that of the CTs or of the population, and a part of the beat.

        Empty for the application's own studies; no other selection may take the place of theirs.

        >>> Selection("plain", (Path("hosts/one"), Path("hosts/two"))).folder
        'one+two'
        >>> Selection("plain", phases="3").folder, Selection(phases="3").folder
        ('plain', 'phases-3')
        >>> Selection("plain", phases="30-80/5").folder
        'plain-phases-30-80-5'
        """
        hearts = "+".join(path.resolve().name for path in self.into) or self.population or ""
        phases = self.phases or ""
        if hearts and "/" not in phases:
            return hearts
        return "-".join(filter(None, (hearts, phases and f"phases-{phases.replace('/', '-')}")))

    def count(self, each: int) -> int:
        """The number of patients where each CT holds ``each``."""
        return each * max(len(self.into), 1)

    @property
    def options(self) -> str:
        """The options of the command that select it, without the paths of the CTs.

        >>> Selection("plain", (Path("hosts/one"),), unenhanced=True, phases="3").options
        ' --population plain --into one --unenhanced --phases 3'
        """
        population = [f"--population {self.population}"] if self.population else []
        into = [f"--into {path.resolve().name}" for path in self.into]
        unenhanced = ["--unenhanced"] if self.unenhanced else []
        phases = [f"--phases {self.phases}"] if self.phases else []
        override = [f'--override-eligibility "{self.override}"'] if self.override else []
        return "".join(f" {option}" for option in (*population, *into, *unenhanced, *phases, *override))
