from datetime import datetime, timezone

from scanserve.client.spine.figures import render_figures
from scanserve.client.spine.report import render_report
from scanserve.client.spine.result import Correction
from scanserve.contracts import NOT_FOR_DIAGNOSIS


def test_curves_notice_and_doubts_are_on_the_page(measured, samples):
    _, result = measured
    when = datetime(2026, 1, 1, tzinfo=timezone.utc)
    entry = Correction(
        action="moved", who="<b>Dr</b>", when=when, point=0, name="T1 top-left", start=(1, 2), end=(3, 4)
    )
    doubtful = result.vertebrae[3].model_copy(update={"doubts": ["it is odd"]})
    changed = result.model_copy(
        update={"corrections": [entry], "vertebrae": [*result.vertebrae[:3], doubtful, *result.vertebrae[4:]]}
    )
    text = render_report(changed, render_figures(changed, samples.shown()))
    assert text.count(NOT_FOR_DIAGNOSIS) >= 2
    assert "T1 to L5" in text
    assert "30.0°" in text
    assert "left of the patient" in text
    assert "<td>T4</td><td>It is odd.</td>" in text
    assert "&lt;b&gt;Dr&lt;/b&gt;" in text
    assert "http" not in text.replace("http-equiv", "")


def test_without_a_curve_the_greatest_angle_is_said(measured, samples):
    _, result = measured
    straight = result.model_copy(update={"curves": [], "largest_degrees": 4.2})
    text = render_report(straight, render_figures(straight, samples.shown()))
    assert "No curve of 10° or more" in text
    assert "4.2°" in text
