import pytest

from scanserve.client.runs.records import Finding, Judgement, ResultRecord
from scanserve.client.runs.screen import Screen

NOTICE = "Not for diagnosis. Trained on [annotated] CT."


class Result(ResultRecord):
    best: str


@pytest.fixture
def show(tmp_path, capsys):
    """What is printed of a result."""

    def print_it(json):
        Screen(json).show(
            Result(notice=NOTICE, best="40 %"),
            ["The best is 40 %."],
            [Finding("odd", "An [odd] thing.")],
            tmp_path,
        )
        return capsys.readouterr().out

    return print_it


def test_the_answer_then_what_was_noticed_then_the_notice_and_the_report(show, tmp_path):
    text = " ".join(show(json=False).split())
    places = [
        text.index(part) for part in ("The best is", "Note: An [odd] thing.", NOTICE, f"Report: {tmp_path}")
    ]
    assert places == sorted(places)
    assert text.endswith("report.html")


def test_json_is_nothing_but_json(show):
    assert (
        show(json=True)
        == f'{{\n "notice": "{NOTICE}",\n "findings": [],\n "deidentification": [],\n "best": "40 %"\n}}\n'
    )


def test_the_verdict_and_the_rules_that_are_not_met_are_said(tmp_path, capsys):
    judged = [Judgement("matrix", "warning", "x."), Judgement("chest", "met", "x.")]
    Screen(json=False).show(Result(notice=NOTICE, best="", findings=judged), [], [], tmp_path)
    assert "Acceptance: eligible with warnings (matrix)." in capsys.readouterr().out


def test_json_draws_no_progress():
    assert Screen(json=True).console.quiet
    assert not Screen(json=False).console.quiet


def test_notes_are_printed_escaped(tmp_path, capsys):
    Screen(json=False).show(Result(notice=NOTICE, best=""), [], [Finding("odd", "A \x1b[2Jnote.")], tmp_path)
    assert r"Note: A \x1b[2Jnote." in capsys.readouterr().out
