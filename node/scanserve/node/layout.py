"""Where a node keeps what: one folder, which nobody else may look into.

queue.sqlite   the queue
key            of the digests
lock           held by the node that runs
token          of the page, where the configuration names no other
partial/       what is being received
images/        <study>/<instance>.dcm, by digest
work/          <job>/: the input and the output of an analysis that runs
results/       <job>-<generation>/: what the application wrote
corrections/   <job>.json: the result of the job as somebody corrected it last; the next analysis begins with it
strays/        results and corrections that a start found and that belong to no job of the queue
trash/         what is being deleted
cache/         of the analyses
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from scanserve.node.durable import make_folder

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """The paths below the folder of a node."""

    folder: Path

    def prepare(self) -> None:
        """Make the folders, and remove what an earlier node left half done."""
        for path in (
            self.folder,
            self.partial,
            self.images,
            self.work,
            self.results,
            self.corrected,
            self.strays,
            self.trash,
            self.cache,
        ):
            make_folder(path)
        for path in (self.partial, self.work, self.trash):
            for entry in path.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    @property
    def queue(self) -> Path:
        """The file of the queue."""
        return self.folder / "queue.sqlite"

    @property
    def key(self) -> Path:
        """The key of the digests."""
        return self.folder / "key"

    @property
    def lock(self) -> Path:
        """The file that the running node holds locked."""
        return self.folder / "lock"

    @property
    def token(self) -> Path:
        """The token of the page."""
        return self.folder / "token"

    @property
    def partial(self) -> Path:
        """Files that are being received."""
        return self.folder / "partial"

    @property
    def images(self) -> Path:
        """Files that were received."""
        return self.folder / "images"

    @property
    def work(self) -> Path:
        """Analyses under way."""
        return self.folder / "work"

    @property
    def results(self) -> Path:
        """Results."""
        return self.folder / "results"

    @property
    def corrected(self) -> Path:
        """Results as they were corrected."""
        return self.folder / "corrections"

    @property
    def strays(self) -> Path:
        """Results and corrections of a queue that was lost."""
        return self.folder / "strays"

    @property
    def trash(self) -> Path:
        """What is being deleted."""
        return self.folder / "trash"

    @property
    def cache(self) -> Path:
        """The caches of the analyses."""
        return self.folder / "cache"

    def study(self, digest: str) -> Path:
        """The images of a study."""
        return self.images / digest

    def instance(self, study: str, digest: str) -> Path:
        """The file of an instance."""
        return self.images / study / f"{digest}.dcm"

    def result(self, job: int, generation: int) -> Path:
        """What an analysis of one generation of a study gave."""
        return self.results / f"{job}-{generation}"

    def corrections(self, job: int) -> Path:
        """The result of a job as it was corrected last; it need not be there."""
        return self.corrected / f"{job}.json"
