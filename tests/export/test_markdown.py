"""Markdown of the generated pages."""

from scanserve.export.markdown import table


def test_a_table_has_a_head_a_rule_and_its_rows():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_bars_in_cells_do_not_end_them():
    assert table(("a",), [("x | y",)]).endswith("| x \\| y |\n")
