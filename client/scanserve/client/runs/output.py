"""The output folder: written whole or not at all.

Everything goes to a hidden folder beside the target, which takes the target's name at the very end; when the
work fails nothing remains of it, and an earlier result stays as it was.
"""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import InputError

__all__ = ["DICOM", "FIGURES", "REPORT", "RESULT", "Output"]

RESULT = "result.json"
REPORT = "report.html"
FIGURES = "figures"
DICOM = "dicom"


@dataclass(frozen=True)
class Output:
    """The output folder of one run.

    Attributes:
        path: the folder.
        kind: the ``kind`` of the application's results; only an earlier result of that kind is overwritten.
        own: further entries that the application writes.
        force: whether an earlier result is overwritten.
    """

    path: Path
    kind: str
    own: frozenset[str] = frozenset()
    force: bool = False

    def check(self) -> None:
        """Check, before any work is done, that a result may be written.

        Raises:
            InputError: code ``out-not-folder``, ``out-not-empty`` (it holds something that is not ours, which no
                flag overwrites), ``out-exists`` (an earlier result, without ``force``) or ``out-not-writable``.
        """
        out = self.path
        if out.exists() and not out.is_dir():
            raise InputError("out-not-folder", f"--out must be a folder, but {out} is a file.")
        entries = {entry.name for entry in out.iterdir()} if out.exists() else set()
        if entries:
            self._check_entries(entries)
        with _disk_errors(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.").cleanup()

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Give an empty folder to write to; on success it becomes the output, on any error it is removed.

        Raises:
            InputError: as :meth:`check`; or code ``disk-full`` or ``out-not-writable`` while writing.
        """
        self.check()
        out = self.path
        with _disk_errors(out):
            partial = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.partial-"))
            try:
                partial.chmod(0o755)
                yield partial
                _replace(partial, out)
            finally:
                shutil.rmtree(partial, ignore_errors=True)

    def _check_entries(self, entries: set[str]) -> None:
        foreign = sorted(entries - {RESULT, REPORT, FIGURES, DICOM} - self.own)
        if foreign or not self._is_result():
            raise InputError(
                "out-not-empty",
                f"--out must be empty or hold an earlier result of this command and nothing else, but {self.path} "
                f"holds {len(entries)} entries such as {(foreign or sorted(entries))[0]!r}.",
            )
        if not self.force:
            raise InputError(
                "out-exists", f"{self.path} holds an earlier result; give --force to overwrite it."
            )

    def _is_result(self) -> bool:
        try:
            text = (self.path / RESULT).read_text(encoding="utf-8")
            return json.loads(text).get("kind") == self.kind
        except (OSError, ValueError, AttributeError):
            return False


def _replace(partial: Path, out: Path) -> None:
    """Rename ``partial`` to ``out``; an earlier result is put aside first, and back if that fails."""
    if not out.exists():
        partial.rename(out)
        return
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.old-"))
    out.rename(aside / out.name)
    try:
        partial.rename(out)
    except OSError:
        (aside / out.name).rename(out)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError("disk-full", f"the disk of {out} is full; nothing was written.") from error
        raise InputError(
            "out-not-writable",
            f"{out} cannot be written ({error.strerror or type(error).__name__}); nothing was.",
        ) from error
