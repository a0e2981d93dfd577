"""At a start: the rows of the queue and the files on the disk are made to agree.

A file without a row was received, and the node was killed before it had noted it: it gets its row.  A row without a
file was noted, and power was lost before the disk had the file's name: it goes, and the sender, which was not
answered, sends it again.  An earlier result of a job goes as well.  A result of a job that the queue does not know was
made with another queue: it is put aside, so that no other job of that number takes it for its own.  So are corrections.
"""

from __future__ import annotations

import secrets
import shutil
from collections import defaultdict
from pathlib import Path

from scanserve.node.digests import Digester, content_digest
from scanserve.node.heads import read_head
from scanserve.node.layout import Layout
from scanserve.node.queue.facade import Queue
from scanserve.node.queue.studies import Instance
from scanserve.preprocessing.dicom import FileRejectedError

__all__ = ["reconcile"]


def reconcile(layout: Layout, queue: Queue, digest: Digester, now_s: float) -> None:
    """Make files and rows agree."""
    rows = {(row["study"], row["digest"]) for row in queue.studies.all_instances()}
    files = {
        (file.parent.name, file.stem): file
        for folder in layout.images.iterdir()
        for file in folder.glob("*.dcm")
    }
    lost: dict[str, list[str]] = defaultdict(list)
    for study, name in sorted(rows - set(files)):
        lost[study].append(name)
    for study, names in lost.items():
        queue.studies.forget(study, names)
    for key in sorted(set(files) - rows):
        _add(files[key], queue, digest, now_s)
    _clear_results(layout, queue)


def _add(file: Path, queue: Queue, digest: Digester, now_s: float) -> None:
    try:
        head = read_head(file)
    except FileRejectedError:  # what cannot be read was never answered
        file.unlink()
        return
    data = file.read_bytes()
    instance = Instance(
        digest(head.study), digest(head.instance), digest(head.series), content_digest(data), len(data)
    )
    queue.studies.add(instance, "", now_s)


def _clear_results(layout: Layout, queue: Queue) -> None:
    """Remove or put aside results that no job names, save those that a worker had just put in place."""
    results = queue.jobs.results_wanted()
    wanted, jobs = {layout.result(*result).name for result in results}, {str(job) for job, _ in results}
    for folder in list(layout.results.iterdir()):
        if folder.name in wanted:
            continue
        if folder.name.partition("-")[0] in jobs:
            shutil.rmtree(folder)
        else:
            _put_aside(folder, layout)
    for file in list(layout.corrected.iterdir()):
        if file.stem not in jobs:
            _put_aside(file, layout)


def _put_aside(path: Path, layout: Layout) -> None:
    path.rename(layout.strays / f"{path.name}-{secrets.token_hex(4)}")
