"""Read the notebooks of the course: their cells, their text, and what they show."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
LESSONS = [path for path in PATHS if path.name[:2] != "00"]  # 00 is a short tour, no lesson


def read(path: Path) -> NotebookNode:
    """Return the notebook in a file."""
    return nbformat.read(path, 4)


def is_tagged(cell: NotebookNode, *tags: str) -> bool:
    """Return whether a cell has at least one of these tags."""
    return not set(tags).isdisjoint(cell.metadata.get("tags", []))


def code(nb: NotebookNode, tag: str = "") -> list[NotebookNode]:
    """Return the code cells, or only those with a tag."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    return [cell for cell in cells if not tag or is_tagged(cell, tag)]


def prose(nb: NotebookNode) -> str:
    """Return the text of all Markdown cells."""
    return "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")


def headings(nb: NotebookNode, level: int) -> list[str]:
    """Return the headings of a level, 1 being the title."""
    return re.findall(rf"^{'#' * level} (.+?)\s*$", prose(nb), re.MULTILINE)


def shown(cell: NotebookNode) -> Iterator[str]:
    """Yield each text among the outputs of a code cell."""
    for output in cell.outputs:
        yield output.get("text", "")
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/") and not content.startswith("<Figure size"):
                yield content
