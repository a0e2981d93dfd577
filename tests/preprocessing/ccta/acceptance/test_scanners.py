import pytest

from scanserve.preprocessing.ccta.acceptance.scanners import find_scanner


@pytest.mark.parametrize(
    ("stated", "slices"),
    [
        ("SOMATOM Definition Flash", 256),
        ("somatom force", 384),
        ("Discovery CT750 HD", 128),
        ("LightSpeed VCT", 64),
        ("iCT 256", 256),
        ("Aquilion ONE", 320),
        ("IQon - Spectral CT", 128),
        ("uCT 960+", 640),
        ("SOMATOM Definition", 64),
        ("SOMATOM Definition AS+", 128),
    ],
)
def test_known_models(stated, slices):
    assert find_scanner(stated).slices == slices


@pytest.mark.parametrize("stated", ["", "beating heart", "SOMATOM Definition AS", "Aquilion", "CT"])
def test_a_model_that_is_unknown_or_sold_with_several_detectors_is_not_guessed(stated):
    assert find_scanner(stated) is None
