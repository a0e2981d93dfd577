import re
from html.parser import HTMLParser

import pytest

from scanserve.client.ccta.figures import render_figures
from scanserve.client.ccta.report import render_report
from scanserve.client.ccta.style import VESSEL_STYLES
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.timeline import render_timeline
from tests.support import ccta_samples as samples


class Tags(HTMLParser):
    """Counts tags, and fails on one that is not closed."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.seen if name == tag]


@pytest.fixture(scope="module")
def text():
    result, views = samples.run(client=samples.FakeClient(missing={(50.0, 2)}))
    return render_report(
        result, [*render_figures(result, views), render_timeline(result.timing.spans, result.notice)]
    )


def test_it_is_well_formed_with_headings_and_alternatives(text):
    tags = Tags(text)
    assert len(tags.all("h1")) == 1
    assert len(tags.all("h2")) >= 7
    assert len(tags.all("img")) == 7
    assert all(len(image["alt"]) > 10 for image in tags.all("img"))


def test_it_asks_nothing_of_the_outside(text):
    tags = Tags(text)
    assert all(image["src"].startswith("data:image/png;base64,") for image in tags.all("img"))
    assert not tags.all("script")
    assert not tags.all("link")
    assert not re.search(r"https?://|url\(|@import", text)


def test_the_answer_and_the_notice_come_first(text):
    head = text[: text.index("<figure")]
    assert samples.NOTICE in head
    assert head.index(samples.NOTICE) < head.index("Overall")
    for part in ("70\u00a0%", "40\u00a0%", "RCA", "LAD", "LCX", "read RCA in 40", "vessel-missing-in-phase"):
        assert part in head
    assert text.count(samples.NOTICE) >= 2
    assert "synthetic" not in text


def test_a_vessel_has_its_colour_on_white_and_on_a_dark_page(text):
    for vessel, style in VESSEL_STYLES.items():
        assert f".card.{vessel} {{ border-top: 5px solid {style.colour}; }}" in text
        assert f".card.{vessel} {{ border-top-color: {style.on_dark}; }}" in text


def test_it_names_models_versions_and_how_phases_were_found(text):
    for part in ("ab" * 32, "2.51.0", "Trigger window", "1.2.826.0.1", "centerlines"):
        assert part in text


def test_what_comes_from_the_study_cannot_become_markup():
    result, _ = samples.run(
        (40.0,),
        explanation="<script>alert(1)</script>",
        override="<b>why</b>",
        findings=(samples.NOT_A_HEART,),
    )
    text = render_report(result, [RenderedFigure("quality_by_phase", "t", "<i>c</i>", '"><x>', b"png")])
    assert not Tags(text).all("script")
    assert "&lt;script&gt;" in text
    assert "<b>why" not in text
    assert '"><x>' not in text


def test_a_result_without_vessels_can_be_read():
    missing = {(40.0, number) for number in range(3)}
    result, views = samples.run((40.0,), client=samples.FakeClient(missing), override="x")
    text = render_report(result, render_figures(result, views))
    assert "not found" in text
    Tags(text)


def test_what_is_left_out_stands_in_a_table_with_its_reason():
    phases = (samples.FakePhase(40.0), samples.FakePhase(70.0))
    study = samples.FakeStudy(phases, left_out=(samples.LOST, samples.CALCIUM), only_series=("<4>",))
    text = render_report(samples.run_study(study)[0], [])
    Tags(text)
    assert "Found and left out" in text
    assert "only: &lt;4&gt;" in text
    for part in ("[missing-slices]", "[calcium-scoring]", "(not analysed)", "calcium scoring"):
        assert part in text


def test_what_a_server_states_is_escaped():
    result, views = samples.run()
    result = result.model_copy(update={"notice": "Trained on <b>bold $x$</b> data."})
    text = render_report(result, render_figures(result, views))
    assert "Trained on &lt;b&gt;bold $x$&lt;/b&gt; data." in text
    assert "<b>bold" not in text
