"""Learner copies of the notebooks: no outputs, no solutions, and exercise cells to fill in."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from ..errors import EmolibError
from ..files import require_new_folder
from . import paths

FULL_COPIES = re.compile(r"^\[!\[Open in Colab\].*\n\n?", re.MULTILINE)
OF_SOLUTIONS = re.compile(r"\s*\*?Figure: (?:below )?the solution.*?(?=\n\n|\Z)", re.DOTALL)
OUT_OF_THE_FOLDER = re.compile(r"\[([^\]]+)\]\(\.\./([^)]+)\)")
EXERCISE = re.compile(r"^### Exercise (\d\d\.\d) ", re.MULTILINE)


class StudentError(EmolibError):
    """Learner copies cannot be written; the message says why."""


def write_learner_copies(
    folder: str | os.PathLike, with_solutions: bool = False, packed: bool = True
) -> list[Path]:
    """Write a learner copy of each numbered notebook, and a zip of all of them.

    Each solution becomes a cell that asks for the answer and ends with the exercise's check.
    Outputs and links to the full notebooks are removed. The copies find pictures and models if
    emolib was installed from the course's folder.

    Args:
        folder: A new or empty folder; the zip has the same name with `.zip` added.
        with_solutions: Keep each solution, folded, below the cell that asks for the answer.
        packed: Write the zip.

    Returns:
        The paths of the notebooks, followed by the path of the zip if it was written.

    Raises:
        StudentError: The folder is not empty, the zip exists, or the course is not here.
    """
    folder = Path(folder)
    archive = folder.with_name(folder.name + ".zip")
    full = sorted((paths.course_dir() / "notebooks").glob("[0-9]*.ipynb"))
    if not full:
        raise StudentError("The course's notebooks are not here: run this in the course's folder.")
    require_new_folder(folder, StudentError)
    if packed and archive.exists():
        raise StudentError(f"{archive} exists already: give the name of a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in full:
        notebook = learner_copy(json.loads(path.read_text("utf-8")), with_solutions)
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        written.append(folder / path.name)
        written[-1].write_text(text, "utf-8")
    if not packed:
        return written
    inside = folder.absolute()
    shutil.make_archive(str(inside), "zip", inside.parent, inside.name)
    return [*written, archive]


def learner_copy(notebook: dict[str, Any], with_solutions: bool = False) -> dict[str, Any]:
    """Return a learner copy of a notebook.

    Args:
        notebook: A notebook in nbformat 4, parsed from JSON.
        with_solutions: Keep each solution, folded, below the cell that asks for the answer.

    Returns:
        The copy, in the same format.
    """
    cells = []
    exercise = None
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        solution = "solution" in cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            if solution and not with_solutions:
                continue
            numbers = EXERCISE.findall(source)
            exercise = numbers[-1] if numbers else exercise
            source = FULL_COPIES.sub("", source)
            # a copy may be anywhere, so such a link would lead nowhere
            source = OUT_OF_THE_FOLDER.sub(r"\1 (`\2` in the course's folder)", source)
            source = source if with_solutions else OF_SOLUTIONS.sub("", source)
            cells.append(cell | {"source": source.splitlines(keepends=True)})
            continue
        # a question in the middle of the lesson already has a cell for the answer
        if solution and exercise:
            cells.append(_code(f"{cell['id']}-answer", _waiting(source, exercise), ["exercise"]))
            exercise = None
        if not solution or with_solutions:
            cells.append(cell | {"execution_count": None, "outputs": []})
    return notebook | {"cells": cells}


def _code(id: str, source: str, tags: list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {"tags": tags},
        "execution_count": None,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _waiting(solution: str, exercise: str) -> str:
    """Return a cell that asks for what the solution hands in, and shows nothing else of it."""
    lines = [f"# Your answer to exercise {exercise}: replace the ..."]
    for call in ast.walk(ast.parse(solution)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "emolib.check":
            handed_in = call.args[1]
            parts = handed_in.elts if isinstance(handed_in, ast.Tuple) else [handed_in]
            names = [part.id for part in parts if isinstance(part, ast.Name)]
            if len(names) == len(parts):
                lines += [f"{name} = ..." for name in names]
                lines += ["", f'emolib.check("{exercise}", {ast.unparse(handed_in)})']
                return "\n".join(lines)
    return "\n".join([*lines, f'emolib.check("{exercise}", ...)'])
