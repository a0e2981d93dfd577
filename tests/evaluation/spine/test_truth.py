import json

import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.spine.truth import read_truth


def test_a_truth_is_read(spine, tmp_path):
    (tmp_path / "truth.json").write_text(json.dumps(spine.truth()))
    found = read_truth(tmp_path / "truth.json")
    assert found.places.shape == (68, 2)
    assert found.seen.all()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "scanserve.dat.truth"}, "not-a-truth"),
        ({"version": 99}, "truth-version"),
        ({"points": [[1, 2]]}, "not-a-truth"),
        ({"rows": 0}, "not-a-truth"),
    ],
)
def test_other_files_are_refused(spine, tmp_path, changes, code):
    (tmp_path / "truth.json").write_text(json.dumps({**spine.truth(), **changes}))
    with pytest.raises(InputError) as caught:
        read_truth(tmp_path / "truth.json")
    assert caught.value.code == code
