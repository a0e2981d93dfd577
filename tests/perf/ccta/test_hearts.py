import pickle

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.geometry import Grid
from scanserve.perf.ccta import hearts
from scanserve.perf.ccta.hearts import Hearts
from scanserve.perf.selection import Selection
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.measured import BEAT
from scanserve.phantoms.ccta.ranges import PLAIN
from scanserve.phantoms.ccta.walls import phantom_walls


@pytest.fixture
def in_cts(monkeypatch, tmp_path):
    """Patients laid in turn into two CTs that hold nothing but a heart's walls."""

    def host(folder, unenhanced):
        assert unenhanced
        donor = Anatomy.sample(1, PLAIN)
        air = np.full((8, 8, 8), -1000, np.float32)
        walls = phantom_walls(donor.pose, donor.sizes, BEAT)
        return Host(air, Grid.centred(air.shape, 30.0), donor.pose, walls, None, -90.0, folder.name)

    monkeypatch.setattr(hearts, "_host", host)
    return Hearts.of(Selection("plain", (tmp_path / "one", tmp_path / "two"), unenhanced=True))


def test_patients_are_those_of_the_population():
    patient = Hearts.of(Selection("plain")).anatomy(7)
    assert (patient.heart, patient.rr_ms) == ("plain-7", Anatomy.sample(7, PLAIN).rr_ms)
    assert Hearts.of(Selection()).ranges.name == "test"


def test_each_ct_holds_every_second_patient(in_cts):
    assert [in_cts.anatomy(seed).heart for seed in (6, 7, 8)] == ["ct-one", "ct-two", "ct-one"]


def test_cts_are_named_by_their_folders_alone(in_cts, tmp_path):
    assert in_cts.described.endswith("in the real unenhanced CT one, two")
    assert str(tmp_path) not in in_cts.described


def test_another_process_can_draw_them(in_cts):
    assert pickle.loads(pickle.dumps(in_cts)) == in_cts


def test_an_unknown_population_is_refused_at_once():
    with pytest.raises(InputError) as caught:
        Hearts.of(Selection("nobody"))
    assert caught.value.code == "unknown-ranges"
