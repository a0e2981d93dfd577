from io import StringIO

from rich.console import Console

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.evaluation.application import Table
from scanserve.evaluation.screen import show_report


def test_tables_come_before_notes_and_the_notice_ends_it():
    console = Console(file=StringIO(), width=100)
    show_report(console, [Table("Title", ("", "all"), (("OV [x]", "0.50"),))], ["A note [of one]."])
    text = console.file.getvalue()
    places = [text.index(part) for part in ("Title", "OV [x]", "0.50", "A note [of one].", NOT_FOR_DIAGNOSIS)]
    assert places == sorted(places)
