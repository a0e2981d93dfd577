import pytest

from scanserve.contracts.spine import NETWORKS
from scanserve.evaluation.spine import evaluate
from scanserve.evaluation.spine.readings import FILE, Readings, write_readings
from scanserve.evaluation.studies import find_pairs
from scanserve.perf.accuracy import find_studies
from scanserve.perf.spine.reader import corrected
from tests.support import spine_samples


def test_targets_are_figures_of_the_evaluation(tmp_path):
    from scanserve.client.spine.reader import FilmReader
    from scanserve.client.spine.run import Options, run
    from scanserve.client.spine.taken import take
    from scanserve.contracts.spine import SPINE
    from scanserve.evaluation.spine.truth import read_truth

    studies = find_studies("spine")
    study = tmp_path / "study"
    studies.write(studies.first_seed, study)
    truth, taken = read_truth(study / "truth.json"), take(study)
    client = spine_samples.FakeClient(points=truth.places)
    found = run(Options(study, tmp_path / "out"), spine_samples.connecting(client))
    reader = FilmReader(taken.square, taken.film.shape, SPINE.model("spine_unet"), client.infer)
    readings = Readings(networks={name: corrected(reader, truth.places, truth.seen, 10) for name in NETWORKS})
    write_readings(tmp_path / "out" / FILE, readings)
    report = evaluate(find_pairs(study, tmp_path / "out").studies).as_dict()
    assert found.study.shape == (truth.rows, truth.columns)
    for target in studies.targets:
        assert target.group in NETWORKS
        assert report["pooled"]["figures"][target.group][target.figure]["value"] is not None


def test_the_seeds_are_not_those_of_training():
    seeds = pytest.importorskip("scanserve.training.spine.seeds")
    assert find_studies("spine").first_seed == seeds.TEST.first_seed
