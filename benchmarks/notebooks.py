"""Each notebook in a kernel of its own: seconds, and the kernel's peak memory.

    python benchmarks/notebooks.py          all of them
    python benchmarks/notebooks.py 03 05    these two

The baselines are a kernel that does nothing, and one that only loads TensorFlow.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import nbformat
from measure import print_table
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PEAK = """
import resource, sys
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak / (2**20 if sys.platform == "darwin" else 2**10))"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="such as 01; by default all")
    numbers = parser.parse_args().numbers or ["[0-9]"]
    cases = {"a kernel alone": cells("pass"), "import tensorflow": cells("import tensorflow")}
    for path in (path for number in numbers for path in sorted(NOTEBOOKS.glob(f"{number}*.ipynb"))):
        cases[path.stem] = nbformat.read(path, 4)
    rows = []
    for name, notebook in cases.items():
        seconds, peak = measured(notebook)
        rows.append([name, f"{seconds:.0f}", f"{peak:.0f}"])
        print(name, "done", file=sys.stderr)
    print_table(["notebook", "seconds", "peak MiB"], rows)


def cells(source: str) -> nbformat.NotebookNode:
    """Return a notebook of one cell."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])


def measured(notebook: nbformat.NotebookNode) -> tuple[float, float]:
    """Run all cells, the first to the last; return seconds, kernel's start included, and MiB."""
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    client = NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}
    )
    start = time.perf_counter()
    client.execute()
    return time.perf_counter() - start, float(notebook.cells[-1].outputs[0].text)


if __name__ == "__main__":
    main()
