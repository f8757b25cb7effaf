"""Each notebook in its own kernel: seconds, and the kernel's peak memory.

    python benchmarks/notebooks.py          all of them
    python benchmarks/notebooks.py 03 05    these two

The baselines are a kernel that does nothing, and one that only loads TensorFlow. "Own" leaves out
program code, which is read from files: thirty kernels on one machine need thirty times their own
memory, but the code is in memory only once (on Linux; elsewhere the two columns are the same).
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from measure import print_table
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PAUSE = 0.2  # seconds between two looks at the memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="such as 01; by default all")
    numbers = parser.parse_args().numbers or ["[0-9]"]
    cases = {"a kernel alone": cells("pass"), "import tensorflow": cells("import tensorflow")}
    for path in (path for number in numbers for path in sorted(NOTEBOOKS.glob(f"{number}*.ipynb"))):
        cases[path.stem] = nbformat.read(path, 4)
    rows = []
    for name, notebook in cases.items():
        rows.append([name, *(f"{value:.0f}" for value in measured(notebook))])
        print(name, "done", file=sys.stderr)
    print_table(["notebook", "seconds", "peak MiB", "own MiB"], rows)


def cells(source: str) -> nbformat.NotebookNode:
    """Return a notebook of one cell."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])


def measured(notebook: nbformat.NotebookNode) -> tuple[float, float, float]:
    """Run all cells; return seconds with the kernel's start, peak memory, and own peak, in MiB."""
    client = NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}
    )
    peaks, done, before = [0, 0], threading.Event(), set(psutil.Process().children())

    def watch() -> None:
        while not done.wait(PAUSE):
            for kernel in set(psutil.Process().children()) - before:
                try:
                    used = kernel.memory_info()
                except psutil.Error:  # it has just ended
                    continue
                own = used.rss - getattr(used, "shared", 0)
                peaks[:] = max(peaks[0], used.rss), max(peaks[1], own)

    watching = threading.Thread(target=watch)
    watching.start()
    start = time.perf_counter()
    try:
        client.execute()
    finally:
        done.set()
        watching.join()
    return time.perf_counter() - start, *(peak / 2**20 for peak in peaks)


if __name__ == "__main__":
    main()
