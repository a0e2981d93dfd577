import json
import subprocess
import sys

from scanserve.client.dat.result import SCHEMA_VERSION, Result
from scanserve.client.dat.schema import SCHEMA_PATH
from scanserve.client.runs.schema import is_current, schema_text


def test_the_committed_schema_is_current():
    assert is_current(Result, SCHEMA_PATH), (
        f"run python -m scanserve.client.dat.schema to write {SCHEMA_PATH}"
    )


def test_it_is_a_valid_json_schema_that_names_its_version():
    from jsonschema import Draft202012Validator

    schema = json.loads(schema_text(Result))
    Draft202012Validator.check_schema(schema)
    version = schema["properties"]["schema_version"]
    assert version["default"] == SCHEMA_VERSION == version["enum"][-1]


def test_check_as_a_command():
    command = [sys.executable, "-m", "scanserve.client.dat.schema", "--check"]
    assert subprocess.run(command, check=False).returncode == 0
