import json

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.dat.truth import STRUCTURES, read_truth
from scanserve.phantoms.dat import write_study
from scanserve.phantoms.dat.head import STRUCTURES as WRITTEN


def test_masks_lie_where_the_structures_were_put(dat, tmp_path):
    truth = read_truth(dat.write(tmp_path / "a", dat.truth(), None) / "truth.json")
    masks = truth.masks()
    assert set(masks) == {*STRUCTURES, "background"}
    for name, place in dat.PLACES.items():
        expected = np.zeros((5, 64, 64), bool)
        expected[place] = True
        assert np.array_equal(masks[name], expected)


def test_the_phantom_writes_what_is_read(tmp_path):
    truth = read_truth(write_study(tmp_path / "study", 2) / "truth.json")
    assert WRITTEN == STRUCTURES
    assert truth.masks()["background"].sum() > 50
    assert truth.reference.to_array().shape == (5, 64, 64)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"kind": "x"}, "not-a-truth"), ({"version": 2}, "truth-version"), ({"grade": 4}, "not-a-truth")],
)
def test_other_files_are_refused(dat, tmp_path, change, code):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({**dat.truth(), **change}))
    with pytest.raises(InputError) as caught:
        read_truth(path)
    assert caught.value.code == code
