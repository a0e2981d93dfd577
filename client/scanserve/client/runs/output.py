"""The output folder: written whole or not at all, for its owner alone, and by one run at a time.

Everything goes to a hidden folder beside the target (:mod:`scanserve.client.runs.place`), which takes the target's
name at the very end; when the work fails nothing remains of it, and an earlier result stays as it was.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanserve.client.runs import written
from scanserve.client.runs.place import Place, claim
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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Check, before any work is done, that a result may be written, and keep other runs off for the block.

        :meth:`writing` may come inside.

        Raises:
            InputError: code ``out-not-folder``, ``out-not-replaceable`` (a mount point, the current folder or one
                above it, a link to nothing), ``out-in-use`` (by another run), ``out-not-empty`` (it holds something
                that no run of this kind wrote, which no flag overwrites), ``out-exists`` (an earlier result, without
                ``force``) or ``out-not-writable``.
        """
        place = self._claimed()
        try:
            yield
        finally:
            place.leave()

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Give an empty folder to write to; on success it becomes the output, on any error it is removed.

        It, and all in it, is for its owner alone: folders 0700, files 0600, or less where the umask says less.

        Raises:
            InputError: as :meth:`held`; or code ``disk-full`` or ``out-not-writable`` while writing.
        """
        place = self._claimed()
        try:
            with _disk_errors(place.out):
                folder = place.begin()
                yield folder
                written.write_list(folder)
                written.make_private(folder)
                self._check_content(place.out)
                place.finish()
        finally:
            place.leave()

    def _claimed(self) -> Place:
        out = _target(self.path)
        with _disk_errors(out):
            place = claim(out)
            try:
                self._check_content(out)
            except BaseException:
                place.leave()
                raise
            return place

    def _check_content(self, out: Path) -> None:
        entries = sorted(entry.name for entry in out.iterdir()) if out.exists() else []
        if not entries:
            return
        strange = self._strange(out, entries)
        if strange or not self._is_result(out):
            raise InputError(
                "out-not-empty",
                f"--out must be empty or hold an earlier result of this command as it was written and nothing else, "
                f"but {out} holds {len(entries)} entries such as {[*strange, *entries][0]!r}.",
            )
        if not self.force:
            raise InputError("out-exists", f"{out} holds an earlier result; give --force to overwrite it.")

    def _strange(self, out: Path, entries: list[str]) -> list[str]:
        """What must not be overwritten; of a result without a list of its files, all but result and report."""
        strange = [
            entry
            for entry in entries
            if entry not in {RESULT, REPORT, FIGURES, DICOM, written.LIST} | self.own
        ]
        if strange:
            return strange
        known = () if (out / written.LIST).is_file() else (RESULT, REPORT)
        return [name for name in written.foreign(out) if name not in known]

    def _is_result(self, out: Path) -> bool:
        try:
            text = (out / RESULT).read_text(encoding="utf-8")
            return json.loads(text).get("kind") == self.kind
        except (OSError, ValueError, AttributeError):
            return False


def _target(path: Path) -> Path:
    """Where the output will be: ``path`` without links, if a folder there can be replaced by another."""
    if path.is_symlink() and not path.exists():
        raise _not_replaceable(path, f"is a link to {os.readlink(path)}, which does not exist")
    if path.exists() and not path.is_dir():
        raise InputError("out-not-folder", f"--out must be a folder, but {path} is a file.")
    out = path.resolve()
    with contextlib.suppress(FileNotFoundError):  # of a current folder that was removed
        current = Path.cwd()
        if out == current or out in current.parents:
            raise _not_replaceable(path, "is the current folder or holds it")
    if _is_mount(out):
        raise _not_replaceable(path, "is a mount point")
    return out


def _not_replaceable(path: Path, why: str) -> InputError:
    return InputError(
        "out-not-replaceable",
        f"--out must be a folder that a new one can take the place of, but {path} {why}; name a folder inside.",
    )


def _is_mount(out: Path) -> bool:
    """Whether something is mounted at ``out``; a folder bound from the same file system shows in the list alone."""
    try:
        lines = (
            Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        )
    except OSError:
        lines = []
    points = {re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), line.split(" ")[4]) for line in lines}
    return out.is_mount() or str(out) in points


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
