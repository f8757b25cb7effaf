"""The app's page: what its kernel loads, and what is in its file."""

import subprocess
import sys
from pathlib import Path

import nbformat
import refresh_notebooks

APP = Path(__file__).parents[1] / "notebooks" / "app.ipynb"


def test_its_kernel_loads_nothing_heavy():
    cells = [cell.source for cell in nbformat.read(APP, 4).cells if cell.cell_type == "code"]
    heavy = ("tensorflow", "keras", "matplotlib", "sklearn", "pandas", "scipy")
    last = f"import sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*cells, last])],
        cwd=APP.parent,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_its_file_has_a_title_and_no_outputs():
    nb = nbformat.read(APP, 4)
    assert nb.metadata == refresh_notebooks.METADATA | {"title": "Happy or sad?"}
    assert not any(cell.get("outputs") for cell in nb.cells)
