"""The folder of a study, which is written completely or not at all."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanserve.contracts import InputError

__all__ = ["whole_or_nothing"]


@contextmanager
def whole_or_nothing(target: Path) -> Iterator[Path]:
    """Yield a temporary folder that replaces ``target`` if nothing fails.

    Raises:
        InputError: code ``out-not-empty``, ``out-not-writable`` or ``disk-full``.
    """
    with _disk_errors():
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise InputError("out-not-empty", "output folder must be new or empty but holds files.")
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            yield folder
            folder.chmod(0o755)
            if target.exists():
                target.rmdir()
            folder.rename(target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                "disk-full",
                "the disk of the output folder must hold the whole study but is full; nothing was kept.",
            ) from error
        raise InputError(
            "out-not-writable", f"output folder must be writable but the system says: {error.strerror}."
        ) from error
