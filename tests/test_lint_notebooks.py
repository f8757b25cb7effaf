"""The command that reports notebooks over their limits."""

import lint_notebooks
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.fixture
def nb():
    """A notebook within every limit: 15 Markdown cells and 12 code cells."""
    cells = [new_markdown_cell("### Exercise 99.1"), new_markdown_cell("### Exercise 99.2")]
    cells += [new_markdown_cell("Why the next cell is there.") for _ in range(13)]
    cells += [new_code_cell("1 + 1") for _ in range(12)]
    return new_notebook(cells=cells)


def found(nb, size=1_000):
    return list(lint_notebooks.findings(nb, size))


def test_a_notebook_within_its_limits_has_no_finding(nb):
    assert found(nb) == []


def test_code_cells_that_are_too_long_or_empty_are_reported(nb):
    nb.cells[15].source = "1\n" * 16
    nb.cells[16].source = "\n"
    assert found(nb) == [
        ("cell 16", "lines of code: 16; allowed are 1 to 15"),
        ("cell 17", "lines of code: 0; allowed are 1 to 15"),
    ]


def test_what_is_wrong_with_the_whole_notebook_is_reported(nb):
    nb.cells[0].source = "word " * 2_001
    nb.cells += [new_code_cell("1") for _ in range(34)]
    assert found(nb, size=500_001) == [
        ("whole notebook", "cells: 61; allowed are 25 to 60"),
        ("whole notebook", "exercises: 1; allowed are 2 to 4"),
        ("whole notebook", "words: 2,082; allowed are 0 to 2,000"),
        ("whole notebook", "bytes: 500,001; allowed are 0 to 500,000"),
        ("whole notebook", "Markdown cells per code cell: 0.33; allowed are 1.0 to 1.8"),
    ]


def test_the_tour_of_ten_minutes_is_shorter_and_has_no_exercises(nb):
    nb.cells[2].source = "# 00 · Tour" + 590 * " word"
    nb.cells += [new_markdown_cell("More.") for _ in range(4)]
    assert found(nb) == [
        ("whole notebook", "cells: 31; allowed are 15 to 30"),
        ("whole notebook", "exercises: 2; allowed are 0 to 0"),
        ("whole notebook", "words: 676; allowed are 0 to 600"),
    ]


def test_solutions_do_not_count_in_the_mean_length_of_code_cells(nb):
    for cell in nb.cells[15:]:
        cell.source = "1\n" * 6
    for cell in nb.cells[15:17]:
        cell.source = "1\n" * 15
    assert found(nb) == [("whole notebook", "mean lines of code: 7.50; allowed are 0 to 6.75")]
    for cell in nb.cells[15:17]:
        cell.metadata.tags = ["solution"]
    assert found(nb) == []


def test_the_command_prints_the_findings_and_fails(nb, tmp_path, capsys):
    path = tmp_path / "99_made_up.ipynb"
    nbformat.write(nb, path)
    assert lint_notebooks.main([str(path)]) == 0
    assert capsys.readouterr().out == ""
    nb.cells[20].source = "1\n" * 20
    nbformat.write(nb, path)
    assert lint_notebooks.main([str(path)]) == 1
    assert capsys.readouterr().out == (
        "99_made_up.ipynb: cell 21: lines of code: 20; allowed are 1 to 15\n"
    )
