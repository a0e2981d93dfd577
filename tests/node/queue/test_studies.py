"""The studies of the queue."""

from __future__ import annotations

from contextlib import contextmanager

from scanserve.node.queue.database import Database
from scanserve.node.queue.studies import Instance, Studies


class Watched(Database):
    """Remembers which transactions waited for the disk."""

    waited: list[bool]

    @contextmanager
    def transaction(self, *, durable=True):
        self.waited.append(durable)
        with super().transaction(durable=durable) as connection:
            yield connection


def test_who_sent_a_study_is_on_the_disk_before_the_first_answer(tmp_path):
    """Files outlive a loss of power by themselves, and do not say who sent them."""
    database = Watched(tmp_path / "q")
    database.waited = []
    studies = Studies(database)
    for number in range(3):
        studies.add(Instance("study", f"i{number}", "series", "content", 1), "CT1", 0.0)
    studies.add(Instance("other", "i", "series", "content", 1), "CT1", 0.0)
    assert database.waited == [True, False, False, True]
    database.close()
