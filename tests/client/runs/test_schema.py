from pydantic import BaseModel

from scanserve.client.runs.schema import is_current, write_or_check


class Found(BaseModel):
    length_mm: float


def test_check_fails_on_drift(tmp_path):
    path = tmp_path / "result.schema.json"
    assert write_or_check(Found, path, ["--check"])
    assert write_or_check(Found, path, []) is None
    assert write_or_check(Found, path, ["--check"]) is None
    path.write_text("{}")
    assert not is_current(Found, path)
