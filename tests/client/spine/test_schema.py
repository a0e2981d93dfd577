from scanserve.client.runs.schema import is_current
from scanserve.client.spine.result import Result
from scanserve.client.spine.schema import SCHEMA_PATH


def test_the_committed_schema_is_current():
    assert is_current(Result, SCHEMA_PATH)
