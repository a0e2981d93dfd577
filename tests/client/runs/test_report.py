import pytest
from jinja2 import UndefinedError

from scanserve.client.runs.records import TimeSpan
from scanserve.client.runs.report import report_environment, stages_of


def test_stages_are_summed_in_the_order_of_their_first_start():
    spans = [
        TimeSpan(stage=stage, part="", start_s=start, duration_s=1.5)
        for start, stage in enumerate(("read", "network", "read"))
    ]
    assert stages_of(spans) == [("read", 2, 3.0), ("network", 1, 1.5)]


def test_text_is_escaped_and_unknown_names_are_errors():
    environment = report_environment("scanserve.client.dat")
    assert environment.from_string("{{ a }}").render(a="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ absent }}").render()


def test_shared_templates_and_filters_are_at_hand():
    environment = report_environment("scanserve.client.dat")
    assert "body" in environment.get_template("style.css.j2").render()
    text = environment.from_string("{{ 'ten %' | unbroken }}|{{ 'so' | sentence }}|{{ png | data_uri }}")
    assert text.render(png=b"x") == "ten\u00a0%|So|data:image/png;base64,eA=="
