import pytest

from scanserve.preprocessing.ct.decision.kinds import Kind, nature_of, stated_kind
from scanserve.preprocessing.ct.rescale import Rescale
from tests.support.ct_slices import ct_slice

ORIGINAL = ("ORIGINAL", "PRIMARY", "AXIAL")
DERIVED = ("DERIVED", "SECONDARY", "AXIAL")


def _nature(image_type=ORIGINAL, description="", unit=""):
    rescale = Rescale(1.0, -1024.0, unit=unit)
    image = ct_slice(image_type=image_type, rescale=rescale, tags={"series_description": description})
    return nature_of(image)


@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        (("ORIGINAL", "PRIMARY", "LOCALIZER"), Kind.LOCALIZER),
        (("ORIGINAL", "PRIMARY", "LOCALIZER", "CT_SOM7 TOP"), Kind.LOCALIZER),
        (("DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MIP"), Kind.PROJECTION),
        (("DERIVED", "SECONDARY", "CSA MIP THIN"), Kind.PROJECTION),
        (("DERIVED", "SECONDARY", "PROJECTION IMAGE"), Kind.PROJECTION),
        (("DERIVED", "SECONDARY", "VOLUME_RENDERING"), Kind.PROJECTION),
        (("DERIVED", "PRIMARY", "AXIAL", "MAT_SPECIFIC"), Kind.MATERIAL_MAP),
        (("DERIVED", "PRIMARY", "AXIAL", "EFF_ATOMIC_NUM"), Kind.MATERIAL_MAP),
        (("DERIVED", "SECONDARY", "AXIAL", "IODINE"), Kind.MATERIAL_MAP),
        (("DERIVED", "PRIMARY", "AXIAL", "VMI"), Kind.MONOENERGETIC),
        (("ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM7 SPI DUAL"), None),
        (("DERIVED", "SECONDARY", "MPR"), None),
        (("ORIGINAL", "PRIMARY", "VOLUME", "NONE"), None),
        ((), None),
    ],
)
def test_words_of_the_image_type_are_certain(image_type, kind):
    assert stated_kind(image_type) is kind
    nature = _nature(image_type)
    assert (nature.kind, nature.certain) == (kind or Kind.VOLUME, kind is not None)


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("CaSc 3.0 Qr36 75%", Kind.CALCIUM_SCORING),
        ("Calcium Score", Kind.CALCIUM_SCORING),
        ("SMARTSCORE 3.0", Kind.CALCIUM_SCORING),
        ("CaScoreSeq3.0", Kind.CALCIUM_SCORING),
        ("PureCalcium 70 %", Kind.MATERIAL_MAP),
        ("冠脉钙化积分", Kind.CALCIUM_SCORING),
        ("Iodine Density 70 %", Kind.MATERIAL_MAP),
        ("VNC 1.0", Kind.MATERIAL_MAP),
        ("Virtual Non-Contrast", Kind.MATERIAL_MAP),
        ("Calcium suppressed 50", Kind.MATERIAL_MAP),
        ("Thin MIP 8/4", Kind.PROJECTION),
        ("ThinMIP 5/2 70 %", Kind.PROJECTION),
        ("MIP8/4", Kind.PROJECTION),
        ("axMIP3mm", Kind.PROJECTION),
        ("VRT heart", Kind.PROJECTION),
        ("Mono 70keV", Kind.MONOENERGETIC),
        ("PreMonitoring", Kind.CONTRAST_TIMING),
        ("Test Bolus", Kind.CONTRAST_TIMING),
        ("Topogram 0.6", Kind.LOCALIZER),
        ("CorCTA 0.75 Bv40 3 70%", Kind.ANGIOGRAPHY),
        ("コロナリー CTA", Kind.ANGIOGRAPHY),
        ("冠脉 75%", Kind.ANGIOGRAPHY),
        ("70 % 1.0 B30f", Kind.VOLUME),
        ("Lung 1.0 Br60", Kind.VOLUME),
        ("chipmip", Kind.VOLUME),
        ("", Kind.VOLUME),
    ],
)
def test_words_of_a_description_suggest(description, kind):
    nature = _nature(description=description)
    assert (nature.kind, nature.certain) == (kind, False)


@pytest.mark.parametrize(
    ("unit", "hu"), [("", True), ("HU", True), ("hu ", True), ("US", True), ("MGML", False)]
)
def test_other_units_are_no_hu(unit, hu):
    assert (_nature(unit=unit).kind is Kind.NOT_HU) is not hu


def test_a_localizer_is_one_whatever_its_unit():
    assert _nature(("ORIGINAL", "PRIMARY", "LOCALIZER"), unit="MGML").kind is Kind.LOCALIZER


def test_original_or_derived():
    assert _nature(ORIGINAL).original
    assert not _nature(DERIVED).original
    assert not _nature(()).original
