from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.perf.selection import Selection


def test_a_column_is_named_after_its_cts_or_its_population():
    assert Selection().folder == ""
    assert Selection("plain").folder == "plain"
    assert Selection("plain", (Path("/somewhere/one"),)).folder == "one"


def test_each_ct_holds_as_many_patients():
    assert Selection().count(3) == 3
    assert Selection(into=(Path("one"), Path("two"))).count(3) == 6


def test_the_command_names_no_place(tmp_path):
    chosen = Selection(into=(tmp_path / "ct",), unenhanced=True, override="no contrast")
    assert chosen.options == ' --into ct --unenhanced --override-eligibility "no contrast"'


def test_what_is_said_of_a_ct_needs_one():
    with pytest.raises(InputError) as caught:
        Selection(unenhanced=True)
    assert caught.value.code == "at-without-into"
