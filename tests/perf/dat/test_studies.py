import pytest

from scanserve.client.dat.methods import METHODS
from scanserve.contracts.dat import NETWORKS
from scanserve.evaluation.dat import evaluate
from scanserve.evaluation.studies import find_pairs
from scanserve.perf.accuracy import find_studies


def test_every_method_is_measured_and_targets_are_figures_of_the_evaluation(tmp_path):
    studies = find_studies("dat")
    study = tmp_path / "study"
    studies.write(studies.first_seed, study)

    from scanserve.client.dat.run import Options, run

    run(Options(study, tmp_path / "out", ("gaussian",)), None)
    report = evaluate(find_pairs(study, tmp_path / "out").studies).as_dict()
    figures = report["pooled"]["figures"]["gaussian"]
    for target in studies.targets:
        assert target.group in METHODS
        assert target.figure in figures


def test_the_seeds_are_not_those_of_training():
    seeds = pytest.importorskip("scanserve.training.dat.seeds")
    assert find_studies("dat").first_seed == seeds.TEST.first_seed
    assert set(NETWORKS) < set(METHODS)
