from scanserve.preprocessing.acceptance import verdict_of
from scanserve.preprocessing.spine import check_study
from tests.support import film_factory


def outcomes(folder, **settings):
    judged = check_study(film_factory.write(folder, **settings))
    return {judgement.code: judgement.outcome for judgement in judged}, verdict_of(judged)


def test_a_good_film_meets_every_rule(tmp_path):
    found, verdict = outcomes(tmp_path)
    assert verdict == "eligible"
    assert {outcome for code, outcome in found.items() if not code.startswith("question")} == {"met"}


def test_what_is_not_stated_warns(tmp_path):
    changes = {"ViewPosition": None, "PatientOrientation": None, "ImagerPixelSpacing": None, "bits": 8}
    found, verdict = outcomes(tmp_path, **changes)
    assert verdict == "eligible with warnings"
    assert {code for code, outcome in found.items() if outcome == "warning"} == {
        "view",
        "sides",
        "pixel-aspect",
        "bit-depth",
    }


def test_exchanged_black_and_white_refuse(tmp_path):
    found, verdict = outcomes(tmp_path, PhotometricInterpretation="MONOCHROME1")
    assert (found["photometry"], verdict) == ("refused", "refused")


def test_a_small_film_and_an_unknown_shape_of_pixels_refuse(tmp_path):
    found, _ = outcomes(tmp_path / "a", values=film_factory.shown((200, 100)))
    assert found["matrix"] == "refused"
    found, _ = outcomes(tmp_path / "b", kind="SC", ImagerPixelSpacing=None)
    assert found["pixel-aspect"] == "refused"
