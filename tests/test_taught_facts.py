"""A lesson that stops being true is noticed: with one output changed in a copy, nbval fails."""

import ast
import copy
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebook_names import made_and_used

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01_data_loading.ipynb"
CHECKED = "nbval-check-output"
HEAVY = ("tensorflow", "keras", "sklearn")

pytestmark = pytest.mark.slow  # runs notebooks in kernels of their own


def needed(cells, target):
    """Return the cells that cells[target] needs to run; of imports, only the lines it needs."""
    kept = [cells[target]]
    _, wanted = made_and_used(cells[target].source)
    for cell in reversed(cells[:target]):
        made, used = made_and_used(cell.source)
        if not made & wanted or "setup" in cell.metadata.get("tags", []):
            continue
        cell = copy.deepcopy(cell)
        body = ast.parse(cell.source).body
        if all(isinstance(line, ast.Import | ast.ImportFrom) for line in body):
            lines = [ast.unparse(line) for line in body]
            cell.source = "\n".join(line for line in lines if made_and_used(line)[0] & wanted)
        kept.insert(0, cell)
        wanted |= used
    return kept


def first(cells, wanted):
    """Return the first cell of a kind that needs no slow package, after the cells it needs."""
    for i, cell in enumerate(cells):
        if wanted(cell):
            kept = needed(cells, i)
            if not any(
                f"import {name}" in c.source or f"from {name}" in c.source
                for c in kept
                for name in HEAVY
            ):
                return kept
    raise AssertionError("no such cell")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Run a part of notebook 01 as it is, and with a checked output changed."""
    folder = tmp_path_factory.mktemp("changed")
    notebook = nbformat.read(NOTEBOOK, 4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    checked = first(cells, lambda c: CHECKED in c.metadata.get("tags", []) and counts(c))

    def write(name, part):
        notebook.cells = part
        nbformat.write(notebook, folder / f"{name}.ipynb")

    write("true_output", checked)
    output = next(o for o in checked[-1].outputs if re.search(r"\d", o.get("text", "")))
    output.text = re.sub(r"\d(?=\D*$)", lambda d: str((int(d[0]) + 1) % 10), output.text)
    write("changed_output", checked)
    (folder / "pytest.ini").write_text("[pytest]\n")
    sanitize = Path(__file__).with_name("nbval_sanitize.cfg")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-rA", "-q"]
    command += ["-p", "no:cacheprovider", f"--nbval-sanitize-with={sanitize}", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


def counts(cell):
    return any(re.search(r"\d", output.get("text", "")) for output in cell.outputs)


def test_a_changed_output_is_noticed(outcome):
    assert "PASSED true_output.ipynb" in outcome and "FAILED true_output.ipynb" not in outcome
    failed = re.findall(r"^FAILED changed_output\.ipynb::\S+", outcome, re.MULTILINE)
    assert len(failed) == 1, outcome
