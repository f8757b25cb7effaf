"""Write answers as words, as JSON or as a table."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from ..evaluation.metrics import percent
from ..files import plain_cell
from ..images import one_line, printable_name

if TYPE_CHECKING:
    from .photo import Photo

MANY_FILES = 5  # with more files than this, a progress bar is worth its line


def answer(label: str, probability: float, sure: bool) -> str:
    """Put an answer into words.

    Args:
        label: The class.
        probability: Its probability, 0-1; never written as 100%.
        sure: Whether it counts as sure.

    Returns:
        Words such as "happy 97%", or "not sure (happy 56%)".
    """
    words = f"{label} {percent(min(probability, 0.99))}"
    return words if sure else f"not sure ({words})"


def print_results(
    photos: Iterable[Photo], paths: Sequence[str], as_json: bool = False
) -> Iterator[Photo]:
    """Print each answer as soon as it is ready.

    Args:
        photos: The answers.
        paths: The files they are for, in the same order.
        as_json: Print one JSON list instead of a line per photo, and one more for each of several
            faces.

    Yields:
        Each photo, once it is printed.
    """
    write: Callable[..., None] = print
    if len(paths) > MANY_FILES and sys.stderr.isatty() and not (as_json and sys.stdout.isatty()):
        from tqdm import tqdm

        photos = tqdm(photos, "looking", len(paths), unit="photo", leave=False)
        write = tqdm.write
    above = _folder_to_leave_out(paths)
    before = "["
    for photo in photos:
        if as_json:
            write(f"{before}\n{json.dumps(photo.to_dict())}", end="")
            before = ","
        else:
            first, *more = photo.lines()
            if above and first.startswith(printable_name(photo.file)):
                place = os.path.dirname(os.path.relpath(photo.file, above))
                first = os.path.join(one_line(place), first)
            text = "\n".join([first, *more])
            write(text, file=sys.stderr if photo.error else sys.stdout)
        yield photo
    if as_json:
        write("[]" if before == "[" else "\n]")


def _folder_to_leave_out(paths: Sequence[str]) -> str | None:
    """Return the folder that all paths share, if their names alone are not unique."""
    names = {os.path.basename(path) for path in paths}
    if len(names) == len(paths):
        return None
    try:
        return os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
    except ValueError:
        return None  # Windows: files on several drives


def write_csv(
    photos: Iterable[Photo], file: TextIO, class_names: Sequence[str], head: bool = True
) -> Iterator[Photo]:
    """Write one CSV row per face, and one for each photo without any.

    Args:
        photos: The answers.
        file: An open text file; it is closed at the end.
        class_names: The classes of the model that answered.
        head: Write the names of the columns first.

    Yields:
        Each photo, once its rows are written.
    """
    with file:
        table = csv.writer(file)
        if head:
            table.writerow(table_head(class_names))
        for photo in photos:
            table.writerows(table_rows(photo, class_names))
            yield photo


def table_head(class_names: Sequence[str]) -> list[str]:
    """Return the names of the table's columns, for a model with these classes.

    `face` counts the faces of a photo from 1, and `faces` is how many there are.
    """
    head = ["file", "width", "height", "face", "faces", "label", "probability", "sure"]
    box = ["left", "top", "right", "bottom"]
    return [*head, *box, "score", *(f"p_{name}" for name in class_names), "error"]


def table_rows(photo: Photo, class_names: Sequence[str]) -> list[list[Any]]:
    """Return a photo's rows of that table: one per face, or one that says there is none."""
    start = [plain_cell(photo.file), photo.width, photo.height]
    if not photo.faces:
        return [[*start, 0, 0, *[""] * (8 + len(class_names)), plain_cell(photo.error or "")]]
    return [
        [*start, i, len(photo), plain_cell(face.label), face.probability, face.sure]
        + [*face.box, face.score, *face.probabilities.values(), ""]
        for i, face in enumerate(photo.faces, 1)
    ]
