"""Report where a notebook is longer, denser or larger than the course allows.

    python tests/lint_notebooks.py               all notebooks of the course
    python tests/lint_notebooks.py FILE ...      only these

Prints one line per finding, `file: cell: what`, with cells counted from 1, and exits with 1 if
there is any. These limits keep a notebook readable; 00, a tour of ten minutes, has its own. What
would mislead a reader is tested by pytest instead.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from nbformat import NotebookNode
from notebook_files import PATHS, code, headings, is_tagged, prose, read


class Limits(NamedTuple):
    """How much a notebook may have: the least and the most."""

    cells: tuple[int, int]
    exercises: tuple[int, int]
    words: tuple[int, int]


LESSON = Limits(cells=(25, 60), exercises=(2, 4), words=(0, 2_000))
TOUR = Limits(cells=(15, 30), exercises=(0, 0), words=(0, 600))
MIN_MARKDOWN_PER_CODE = 1.0
MAX_MARKDOWN_PER_CODE = 1.8
MAX_BYTES = 500_000
MAX_CODE_LINES = 15
MAX_MEAN_CODE_LINES = 6.75  # over the cells without these tags:
NOT_BODY = ("setup", "parameters", "solution")
WHOLE = "whole notebook"


def code_lines(cell: NotebookNode) -> int:
    """Return how many lines of a cell are not blank."""
    return sum(1 for line in cell.source.splitlines() if line.strip())


def outside(what: str, value: float, low: float, high: float) -> Iterator[str]:
    """Yield what is wrong with a value that is not from `low` to `high`."""
    if not low <= value <= high:
        number = f"{value:.2f}" if isinstance(value, float) else f"{value:,}"
        yield f"{what}: {number}; allowed are {low:,} to {high:,}"


def whole_notebook(nb: NotebookNode, size: int) -> Iterator[str]:
    """Yield what is out of bounds in a notebook as a whole.

    Args:
        nb: The notebook.
        size: The size of its file in bytes.
    """
    cells = code(nb)
    body = [code_lines(cell) for cell in cells if not is_tagged(cell, *NOT_BODY)]
    exercises = sum("\n### Exercise " in f"\n{cell.source}" for cell in nb.cells)
    limits = TOUR if " ".join(headings(nb, 1)).startswith("00 ") else LESSON
    yield from outside("cells", len(nb.cells), *limits.cells)
    yield from outside("exercises", exercises, *limits.exercises)
    yield from outside("words", len(prose(nb).split()), *limits.words)
    yield from outside("bytes", size, 0, MAX_BYTES)
    if cells:
        ratio = (len(nb.cells) - len(cells)) / len(cells)
        what = "Markdown cells per code cell"
        yield from outside(what, ratio, MIN_MARKDOWN_PER_CODE, MAX_MARKDOWN_PER_CODE)
    if body:
        yield from outside("mean lines of code", fmean(body), 0, MAX_MEAN_CODE_LINES)


def findings(nb: NotebookNode, size: int) -> Iterator[tuple[str, str]]:
    """Yield what is out of bounds in a notebook, and where.

    Args:
        nb: The notebook.
        size: The size of its file in bytes.

    Yields:
        The cell, such as `"cell 3"`, or `"whole notebook"`; and what is out of bounds.
    """
    for what in whole_notebook(nb, size):
        yield WHOLE, what
    for number, cell in enumerate(nb.cells, start=1):
        if cell.cell_type == "code":
            for what in outside("lines of code", code_lines(cell), 1, MAX_CODE_LINES):
                yield f"cell {number}", what


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the notebooks named on the command line, or all; return the exit status."""
    names = sys.argv[1:] if arguments is None else arguments
    found = 0
    for path in [Path(name) for name in names] or PATHS:
        for place, what in findings(read(path), path.stat().st_size):
            found += 1
            print(f"{path.name}: {place}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
