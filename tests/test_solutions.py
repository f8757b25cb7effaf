"""Run All spoils no exercise: a solution runs only when it is asked for."""

import os
import re

import pytest
import refresh_notebooks
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from notebook_files import PATHS, ROOT, code, read, shown

from emolib.course.solutions import ALL, FOLDED, SAID

SETUP = "import emolib\nemolib.setup_check(tensorflow=False)"
SOLUTION = f"{FOLDED}\n# @title Solution\nanswer = 6\nanswer * 7"


def run(*sources, **environment):
    """Return the code cells after the set-up cell, run in a kernel like a reader's."""
    nb = new_notebook(cells=[new_code_cell(source) for source in (SETUP, *sources)])
    env = {name: value for name, value in os.environ.items() if name != ALL}
    place = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(nb, kernel_name="python3", resources=place).execute(env=env | environment)
    return nb.cells[1:]


@pytest.mark.slow  # starts a kernel
def test_run_all_shows_nothing_of_any_solution():
    solutions = [cell.source for path in PATHS for cell in code(read(path), "solution")]
    assert len(solutions) >= 15
    for cell in run(*solutions):
        assert "".join(shown(cell)) == SAID + "\n"
        assert [output.output_type for output in cell.outputs] == ["stream"]


@pytest.mark.slow  # starts kernels
def test_a_solution_whose_first_line_is_deleted_is_a_plain_cell():
    folded, asked, later = run(SOLUTION, SOLUTION.partition("\n")[2], "answer + 1")
    assert list(shown(folded)) == [SAID + "\n"]
    assert [o.data["text/plain"] for o in (*asked.outputs, *later.outputs)] == ["42", "7"]


@pytest.mark.slow  # starts kernels
def test_a_plain_cell_stays_as_it_is_and_an_asked_for_solution_may_fail():
    [plain] = run("# Solution\n1 + 1")
    assert plain.outputs[0].data["text/plain"] == "2"
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(f"{FOLDED}\n1 / 0", **{ALL: "1"})


@pytest.mark.slow  # starts kernels
def test_with_the_variable_and_in_a_refresh_all_solutions_run(monkeypatch):
    [cell] = run(SOLUTION, **{ALL: "1"})
    assert cell.outputs[0].data["text/plain"] == "42"
    monkeypatch.delenv(ALL, raising=False)
    nb = new_notebook(cells=[new_code_cell(SETUP), new_code_cell(SOLUTION)])
    refresh_notebooks.execute(nb, ROOT / "notebooks")
    assert nb.cells[1].outputs[0].data["text/plain"] == "42"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_solution_is_folded_in_jupyterlab_and_in_colab(path):
    for cell in code(read(path), "solution"):
        # JupyterLab shows the first line of a folded cell, Colab its title
        assert re.match(rf"{re.escape(FOLDED)}\n# @title Solution\n", cell.source)
        assert cell.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
        assert cell.metadata.cellView == "form"
