import re

from scanserve.client.dat.figures import render_figures
from scanserve.client.dat.report import render_report
from scanserve.client.runs.records import Finding
from scanserve.contracts import NOT_FOR_DIAGNOSIS


def test_the_report_is_one_file_with_everything(restored):
    out, _ = restored
    html = (out / "report.html").read_text()
    assert NOT_FOR_DIAGNOSIS in html
    assert html.count("data:image/png;base64,") == 3
    for word in ("Gaussian filter", "Bilateral filter", "series/gaussian.dcm", "series 1"):
        assert word in html
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", html)


def test_text_is_escaped_and_warnings_come_first(restored):
    _, result = restored
    warned = result.model_copy(update={"warnings": [Finding("odd", "<b>odd</b> thing.")]})
    html = render_report(warned, render_figures(warned))
    assert "<b>odd</b>" not in html
    assert html.index("&lt;b&gt;odd") < html.index("<h2>")
