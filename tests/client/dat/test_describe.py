from datetime import datetime, timezone

import numpy as np
import pytest

from scanserve.client.dat.describe import describe
from scanserve.client.dat.series import Restored, WrittenObject
from scanserve.client.dat.taken import take
from scanserve.client.runs.provenance import Circumstances, Provenance
from scanserve.client.runs.records import Server, Timing
from scanserve.contracts import NOT_FOR_DIAGNOSIS

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
SERVER = Server(name="triton", version="2.51.0", embedded=True)


@pytest.fixture(scope="module")
def taken(study):
    return take(study, None)


def described(taken, gain=1.0, provenance=None):
    restored = Restored("gaussian", "Gaussian filter", (taken.slices * gain).astype(np.float32))
    written = [WrittenObject(restored, "series/gaussian.dcm", "1.2", "1.2.3")]
    made = Circumstances(provenance or Provenance(), NOW, Timing(total_s=1, spans=[]))
    return describe(taken, written, made)


def test_it_says_what_was_taken_and_what_was_made_of_it(taken):
    result = described(taken)
    assert (result.notice, result.created) == (NOT_FOR_DIAGNOSIS, NOW)
    assert result.study.sop_instance_uid == taken.tomogram.sop_uid
    assert result.selected.frames == [index + 1 for index in taken.selection.indices]
    assert np.array_equal(result.input.to_array(), taken.slices)
    restoration = result.restoration("gaussian")
    assert (restoration.file, restoration.series_instance_uid) == ("series/gaussian.dcm", "1.2")
    assert np.array_equal(restoration.image.to_array(), taken.slices)


def test_counts_that_move_are_measured_and_warned_about(taken):
    restoration = described(taken, gain=1.5).restoration("gaussian")
    assert restoration.counts_change == pytest.approx(0.5)
    assert [finding.code for finding in restoration.warnings] == ["counts-moved"]


def test_the_server_is_null_where_none_was_needed(taken):
    assert described(taken).server is None
    assert described(taken, provenance=Provenance(SERVER, ())).server == SERVER
