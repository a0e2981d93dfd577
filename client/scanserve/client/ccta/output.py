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
from pathlib import Path

from scanserve.client.ccta.result import KIND
from scanserve.contracts import InputError

__all__ = ["FIGURES", "REPORT", "RESULT", "check_target", "writing"]

RESULT = "result.json"
REPORT = "report.html"
FIGURES = "figures"
_OURS = {RESULT, REPORT, FIGURES}


def check_target(out: Path, *, force: bool = False) -> None:
    """Check, before any work is done, that a result may be written to ``out``.

    Raises:
        InputError: code ``out-not-folder``, ``out-not-empty`` (it holds something that is not ours, which no
            flag overwrites), ``out-exists`` (an earlier result, without ``force``) or ``out-not-writable``.
    """
    if out.exists() and not out.is_dir():
        raise InputError("out-not-folder", f"--out must be a folder, but {out} is a file.")
    entries = {entry.name for entry in out.iterdir()} if out.exists() else set()
    if entries:
        _check_entries(out, entries, force)
    with _disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.").cleanup()


@contextmanager
def writing(out: Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to write to; on success it becomes ``out``, on any error it is removed.

    Raises:
        InputError: as :func:`check_target`; or code ``disk-full`` or ``out-not-writable`` while writing.
    """
    check_target(out, force=force)
    with _disk_errors(out):
        partial = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.partial-"))
        try:
            partial.chmod(0o755)
            yield partial
            _replace(partial, out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _check_entries(out: Path, entries: set[str], force: bool) -> None:
    foreign = sorted(entries - _OURS)
    if foreign or not _is_result(out / RESULT):
        raise InputError(
            "out-not-empty",
            f"--out must be empty or hold an earlier result of scanserve ccta and nothing else, but {out} "
            f"holds {len(entries)} entries such as {(foreign or sorted(entries))[0]!r}.",
        )
    if not force:
        raise InputError("out-exists", f"{out} holds an earlier result; give --force to overwrite it.")


def _is_result(path: Path) -> bool:
    try:
        return json.loads(path.read_text(encoding="utf-8")).get("kind") == KIND
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
