"""Learner copies of the notebooks: no solutions, no outputs, exercise cells ready to type into."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from pathlib import Path

from ..errors import EmolibError
from . import paths

FULL_COPIES = re.compile(r"^\[!\[Open in Colab\].*\n\n?", re.MULTILINE)
OF_SOLUTIONS = re.compile(r"\s*\*?Figure: (?:below )?the solution.*?(?=\n\n|\Z)", re.DOTALL)
EXERCISE = re.compile(r"^### Exercise (\d\d\.\d) ", re.MULTILINE)


class StudentError(EmolibError):
    """Learner copies cannot be written; the message says why."""


def write_learner_copies(folder: str | os.PathLike) -> list[Path]:
    """Write a learner's copy of each numbered notebook, and a zip of them all.

    A solution becomes a cell that waits for the answer and ends in the exercise's check. Outputs
    go, and so do the links to the full notebooks. The copies find pictures and models wherever
    emolib was installed from the course's folder.

    Args:
        folder: A new or empty folder; the zip gets the same name with `.zip` added.

    Returns:
        The notebooks, and the zip last.

    Raises:
        StudentError: The folder is not empty, the zip exists, or the course is not here.
    """
    folder = Path(folder)
    packed = folder.with_name(folder.name + ".zip")
    full = sorted((paths.course_dir() / "notebooks").glob("[0-9]*.ipynb"))
    if not full:
        raise StudentError("The course's notebooks are not here: run this in the course's folder.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudentError(f"{folder} is not empty: give the name of a new folder.")
    if packed.exists():
        raise StudentError(f"{packed} exists already: give the name of a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in full:
        notebook = learner_copy(json.loads(path.read_text("utf-8")))
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        written.append(folder / path.name)
        written[-1].write_text(text, "utf-8")
    inside = folder.absolute()
    shutil.make_archive(str(inside), "zip", inside.parent, inside.name)
    return [*written, packed]


def learner_copy(notebook: dict) -> dict:
    """Return a learner's copy of a notebook.

    Args:
        notebook: A notebook as nbformat 4 stores it, parsed from JSON.

    Returns:
        Another of the same kind.
    """
    cells, exercise = [], None
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        metadata = cell["metadata"]
        solution = "solution" in metadata.get("tags", [])
        if solution and exercise:
            source, metadata = _waiting(source, exercise), {"tags": ["exercise"]}
        elif solution:  # of a question in the middle of the lesson, whose cell is there already
            continue
        new = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": metadata}
        if cell["cell_type"] == "markdown":
            numbers = EXERCISE.findall(source)
            exercise = numbers[-1] if numbers else None
            source = OF_SOLUTIONS.sub("", FULL_COPIES.sub("", source))
        else:
            exercise = None
            new |= {"execution_count": None, "outputs": []}
        cells.append(new | {"source": source.splitlines(keepends=True)})
    return notebook | {"cells": cells}


def _waiting(solution: str, exercise: str) -> str:
    """Return a cell that asks for what the solution hands in, and nothing more of it."""
    lines = [f"# Your answer to exercise {exercise}: put it in the place of ..."]
    for call in ast.walk(ast.parse(solution)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "emolib.check":
            handed_in = call.args[1]
            parts = handed_in.elts if isinstance(handed_in, ast.Tuple) else [handed_in]
            if all(isinstance(part, ast.Name) for part in parts):
                lines += [f"{part.id} = ..." for part in parts]
                lines += ["", f'emolib.check("{exercise}", {ast.unparse(handed_in)})']
                return "\n".join(lines)
    return "\n".join([*lines, f'emolib.check("{exercise}", ...)'])
