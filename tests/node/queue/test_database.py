"""The file of the queue."""

import errno
import sqlite3
import stat

import pytest

from scanserve.contracts import InputError
from scanserve.node.queue.database import LAYOUT_VERSION, Database


def test_a_new_queue_is_private_and_writes_ahead(tmp_path):
    database = Database(tmp_path / "q")
    assert stat.S_IMODE((tmp_path / "q").stat().st_mode) == 0o600
    assert database.row("PRAGMA journal_mode")[0] == "wal"
    assert database.row("PRAGMA user_version")[0] == LAYOUT_VERSION
    database.close()


def test_a_transaction_that_fails_changes_nothing(tmp_path):
    database = Database(tmp_path / "q")
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.executemany("INSERT INTO outputs VALUES (?)", [("a",), ("a",)])
    assert database.rows("SELECT * FROM outputs") == []
    database.close()


def test_a_full_disk_is_said_as_the_system_says_it_and_passes(tmp_path):
    database = Database(tmp_path / "q")
    database.row("PRAGMA max_page_count = 1")
    with pytest.raises(OSError, match="full") as caught, database.transaction() as connection:
        connection.executemany(
            "INSERT INTO outputs VALUES (?)", ((f"{number:0500}",) for number in range(99))
        )
    assert caught.value.errno == errno.ENOSPC
    assert database.rows("SELECT * FROM outputs") == []
    database.row("PRAGMA max_page_count = 100000")
    with database.transaction() as connection:
        connection.execute("INSERT INTO outputs VALUES ('a')")
    assert len(database.rows("SELECT * FROM outputs")) == 1
    database.close()


@pytest.mark.parametrize("durable", [(True, 2), (False, 1)])
def test_a_durable_transaction_waits_for_the_disk(tmp_path, durable):
    database = Database(tmp_path / "q")
    with database.transaction(durable=durable[0]) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == durable[1]
    database.close()


def test_a_later_layout_and_a_damaged_file_are_refused(tmp_path):
    Database(tmp_path / "q").close()
    connection = sqlite3.connect(tmp_path / "q")
    connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION + 1}")
    connection.close()
    (tmp_path / "damaged").write_bytes(b"no queue at all" * 1000)
    for name in ("q", "damaged"):
        with pytest.raises(InputError) as caught:
            Database(tmp_path / name)
        assert caught.value.code == "queue-invalid"
