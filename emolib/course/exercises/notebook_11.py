"""The exercises of notebook 11, many photos."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from .common import NOTHING, Exercise, call, require_function

PAIRS = 4  # photos that are read two at a time
PATIENCE = 1.0  # seconds that a photo waits for its neighbor
FACES = 203  # odd, so that the last batch is not a full one
NEAR = 0.01  # how far a probability may be from the released network's

Row = dict[str, Any]


def _row(file: str, face: int, faces: int) -> Row:
    return {"file": file, "face": face, "faces": faces, "label": "happy" if faces else ""}


def _tables() -> list[list[Row]]:
    """Return three tables of interrupted runs, in which everything happens that can happen."""
    return [
        [_row("b.jpg", 1, 2), _row("b.jpg", 2, 2), _row("a.jpg", 1, 1), _row("c.jpg", 1, 3)],
        [_row("c.jpg", 2, 3), _row("c.jpg", 3, 3), _row("d.jpg", 0, 0), _row("a.jpg", 1, 1)],
        [_row("e.jpg", 1, 2), _row("f.jpg", 2, 2), _row("f.jpg", 2, 2), _row("b.jpg", 2, 2)],
    ]


def _merge(function: Callable) -> str:
    answer, error = call(function, _tables())
    if error:
        return error
    if answer is None:
        return NOTHING
    rows = [(row["file"], int(row["face"]), int(row["faces"])) for row in answer]
    hint = _wrong_rows(rows)
    if hint:
        return hint
    if rows != sorted(rows):
        return "The rows are right, but not sorted by file and face."
    nothing, error = call(function, [[], []])
    if error or len(nothing):
        return error or "Two empty tables should give an empty list."
    return ""


def _wrong_rows(rows: list[tuple[str, int, int]]) -> str:
    """Return what is wrong with merged rows of (file, face, faces), whatever their order."""
    twice = [row for row, n in Counter(rows).items() if n > 1]
    if twice:
        return f"Face {twice[0][1]} of {twice[0][0]} is in your list more than once."
    files = {file for file, _, _ in rows}
    if "f.jpg" in files:
        return "f.jpg has two faces, and your list lacks its first: two rows can be the same face."
    if "e.jpg" in files:
        return "e.jpg has two faces, and your list lacks its second: that photo must be done again."
    if "d.jpg" not in files:
        return "d.jpg is missing. Nobody is in it, and its only row says so: it is finished."
    if "c.jpg" not in files:
        return "c.jpg is missing. All of its rows are there, but not in the same table."
    wanted = {(row["file"], row["face"], row["faces"]) for table in _tables() for row in table}
    missing = {row for row in wanted if row[0] not in ("e.jpg", "f.jpg")} - set(rows)
    if missing:
        file, face, _ = min(missing)
        return f"Face {face} of {file} is missing."
    return "" if set(rows) <= wanted else "Your list has rows that are in none of the tables."


class _Slow:
    """Answers photos in pairs, and the first of each pair last.

    Attributes:
        alone: Whether a photo waited in vain for its neighbor to be read at the same time.
    """

    def __init__(self) -> None:
        self.alone = False
        self._read = [threading.Event() for _ in range(2 * PAIRS)]

    def __call__(self, path: str) -> str:
        number = int(path.partition(".")[0])
        if number % 2 == 0 and not self.alone:
            self.alone = not self._read[number + 1].wait(PATIENCE)
            threading.Event().wait(0.02)  # its neighbor's answer arrives first
        self._read[number].set()
        return _right_answer(path)


def _right_answer(path: str) -> str:
    return f"answer to {path}"


def _answer_all(function: Callable) -> str:
    require_function(function)
    slow = _Slow()
    paths = [f"{number}.jpg" for number in range(2 * PAIRS)]
    answer, error = call(function, slow, list(paths))
    if error:
        return error
    if answer is None:
        return NOTHING
    if not isinstance(answer, Mapping):
        return "Return a dict: from each path to its answer."
    if set(answer) != set(paths):
        return f"{len(paths)} paths came in, and {len(set(answer) & set(paths))} have an answer."
    wrong = sum(answer[path] != _right_answer(path) for path in paths)
    if wrong:
        return f"{wrong} of {len(paths)} photos have another photo's answer."
    if slow.alone:
        return "The answers are right, but one thread reads all photos. Let the pool work."
    return ""


@cache
def _faces() -> tuple[np.ndarray, np.ndarray]:
    """Return faces, and what the released network says about them."""
    from ... import data
    from ...inference.classifier import load_classifier
    from ..paths import folder

    dataset = data.split(data.scan(folder("rendered")), seed=11)
    x, _ = data.examples(dataset, "train", dataset.class_names)
    x = x[::4][:FACES]
    return x, load_classifier().predict_arrays(x)


def _fastest(function: Callable) -> str:
    require_function(function)
    x, right = _faces()
    answer, error = call(function, x.copy())
    if error:
        return error
    if answer is None:
        return NOTHING
    p = np.asarray(answer, float)
    if p.shape != right.shape:
        return f"{FACES} faces need probabilities of the shape {right.shape}, not {p.shape}."
    off = np.abs(p - right).max(axis=1) > NEAR
    if not off.any():
        return ""
    if np.allclose(np.sort(p, axis=0), np.sort(right, axis=0), atol=NEAR):
        return "All answers are there, but not in the order of the faces."
    return f"{off.sum()} of {FACES} answers are not the released network's."


EXERCISES = {
    "11.1": Exercise(
        wanted="your function, without calling it: `merge`",
        why="However often a photo was done, it counts once.",
        hint=_merge,
    ),
    "11.2": Exercise(
        wanted="your function, without calling it: `answer_all`",
        why="Answers may arrive in any order, as long as each knows its photo.",
        hint=_answer_all,
    ),
    "11.3": Exercise(
        wanted="your function, without calling it: `fastest`",
        why="The answers are complete, in order, and the released network's.",
        hint=_fastest,
    ),
}
