"""Answers leave the program: as words, as JSON, as a table, as pictures with boxes."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..evaluation.metrics import percent
from ..images import ImageError, is_picture

if TYPE_CHECKING:
    from .classifier import Photo


def answer(label: str, probability: float, sure: bool) -> str:
    """Return an answer in words: "happy 97%", or "not sure (happy 56%)"; never 100%."""
    words = f"{label} {percent(min(probability, 0.99))}"
    return words if sure else f"not sure ({words})"


MANY_FILES = 5


def photos_in(paths: list[str]) -> list[str]:
    """Return the files named, and the pictures in the folders named."""
    if not paths:
        # the examples need their package, photos do not
        from ..data.sources import selfies

        return [os.fspath(path) for path in selfies()]
    found = []
    for path in paths:
        if not os.path.isdir(path):
            found.append(path)
            continue
        inside = [p for p in sorted(Path(path).rglob("*")) if p.is_file() and is_picture(p)]
        if not inside:
            raise ImageError(f"{path} holds no pictures: give a photo, or a folder of photos.")
        found += [os.fspath(p) for p in inside]
    return found


def print_results(photos: Iterable[Photo], paths: list[str], as_json: bool) -> Iterator[Photo]:
    """Print each answer as it comes."""
    write: Callable[..., None] = print
    if len(paths) > MANY_FILES and sys.stderr.isatty() and not (as_json and sys.stdout.isatty()):
        from tqdm import tqdm

        photos, write = tqdm(photos, "looking", len(paths), unit="photo", leave=False), tqdm.write
    above = _folders_to_show(paths)
    before = "["
    for photo in photos:
        if as_json:
            write(f"{before}\n{json.dumps(photo.to_dict())}", end="")
            before = ","
        else:
            place = os.path.dirname(os.path.relpath(photo.file, above)) if above else ""
            text = os.path.join(place, str(photo))
            write(text, file=sys.stderr if photo.error else sys.stdout)
        yield photo
    if as_json:
        write("[]" if before == "[" else "\n]")


def _folders_to_show(paths: list[str]) -> str | None:
    """Return the folder that all paths share, where names alone would not tell them apart."""
    names = {os.path.basename(path) for path in paths}
    if len(names) == len(paths):
        return None
    try:
        return os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
    except ValueError:
        return None  # Windows: files on several drives


def write_csv(photos: Iterable[Photo], file: TextIO, names: list[str]) -> Iterator[Photo]:
    """Write one CSV line a face, and one for each photo without any."""
    with file:
        table = csv.writer(file)
        table.writerow(table_head(names))
        for photo in photos:
            table.writerows(table_rows(photo, names))
            yield photo


def table_head(names: list[str]) -> list[str]:
    """Return the names of a table's columns, for a model with these classes."""
    head = ["file", "width", "height", "face", "label", "probability", "sure"]
    box = ["left", "top", "right", "bottom"]
    return [*head, *box, "score", *(f"p_{name}" for name in names), "other", "error"]


def table_rows(photo: Photo, names: list[str]) -> list[list]:
    """Return a photo's rows of that table: one a face, or one that says that there is none."""
    start = [photo.file, photo.width, photo.height]
    if not photo.faces:
        return [[*start, 0, *[""] * (9 + len(names)), photo.error or ""]]
    return [
        [*start, i, face.label, face.probability, face.sure, *face.box, face.score]
        + [*face.probabilities.values(), face.other, ""]
        for i, face in enumerate(photo.faces, 1)
    ]
