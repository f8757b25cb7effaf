"""Which pictures `evaluate` scores a model on, and as which of its classes."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from .common import CommandError

if TYPE_CHECKING:
    from ..data import Dataset, Row


@dataclass(frozen=True)
class Chosen:
    """The pictures to score a model on.

    Attributes:
        dataset: Their rows, under the model's class names.
        used: How many of them the model's training used; None if that is not known.
        notes: What to know before reading the figures, one sentence each.
    """

    dataset: Dataset
    used: int | None
    notes: list[str]


def choose_pictures(
    folder: Path, names: list[str], split: str | None, model: Path, pairs: Sequence[str] = ()
) -> Chosen:
    """Choose the readable pictures to score a model on; by default none that its training used.

    Args:
        folder: The data set's folder.
        names: The model's class names.
        split: "train", "validation", "test" or "all"; None for the test set, or for all that
            training did not use.
        model: The model file; beside it, training wrote which pictures it used.
        pairs: `FOLDER=CLASS`: which of the model's classes a class folder holds.

    Raises:
        CommandError: There are no such pictures, or the pairs do not fit.
        DataError: The folder is not a data set.
    """
    from ..data import class_names_in, scan
    from ..data.origins import shown_name

    there = class_names_in(folder)
    classes = match_classes(there, names, pairs, shown_name(folder))
    notes = _left_out(there, classes, names)
    scanned = scan(folder, list(classes), sys.stderr.isatty())
    notes += scanned.skipped_lines()
    rows = [replace(row, class_name=classes[row.class_name]) for row in scanned.rows if row.digest]
    rows, used, more = _of_split(rows, split, model.with_name(f"{model.stem}_split.csv"), model)
    if not rows:
        raise CommandError(
            f"{shown_name(folder)} has no pictures to score this model on: try --split all."
        )
    return Chosen(replace(scanned, class_names=names, rows=rows), used, notes + more)


def match_classes(
    there: Sequence[str], names: Sequence[str], pairs: Sequence[str], place: str
) -> dict[str, str]:
    """Find the model's class for each class folder.

    The same letters count as the same name, however a file system encodes them.

    Args:
        there: Names of the class folders.
        names: The model's class names.
        pairs: `FOLDER=CLASS`, for folders with different names.
        place: The name of the data set in messages.

    Returns:
        {class folder: class of the model}, without the folders that the model does not know.

    Raises:
        CommandError: The model knows none of the folders, or a pair does not fit.
    """
    known = {normalize("NFC", name): name for name in names}
    wanted = dict(_read_pair(pair, there, known, place) for pair in pairs)
    classes = {}
    for folder in there:
        name = known.get(wanted.get(normalize("NFC", folder), normalize("NFC", folder)))
        if name is not None:
            classes[folder] = name
    if not classes:
        raise CommandError(
            f"{place} has the classes {_listed(there)}, but the model knows {_listed(names)}: say "
            "which folder holds which class with --map FOLDER=CLASS."
        )
    return classes


def _read_pair(
    pair: str, there: Sequence[str], known: dict[str, str], place: str
) -> tuple[str, str]:
    """Return class folder and class of a pair, both in NFC."""
    folder, equals, name = normalize("NFC", pair).partition("=")
    if not equals:
        raise CommandError(f"--map {pair} has no equals sign: write FOLDER=CLASS.")
    if folder not in [normalize("NFC", one) for one in there]:
        raise CommandError(f"--map {pair} does not fit: {place} has the classes {_listed(there)}.")
    if name not in known:
        raise CommandError(
            f"--map {pair} does not fit: the model knows {_listed(list(known.values()))}."
        )
    return folder, name


def _left_out(there: Sequence[str], classes: dict[str, str], names: Sequence[str]) -> list[str]:
    """Return the sentence about class folders that the model does not know, if there are any."""
    left_out = [name for name in there if name not in classes]
    if not left_out:
        return []
    return [
        f"Left out, because the model knows only {_listed(names)}: {_listed(left_out)}. To use "
        "them, add --map FOLDER=CLASS."
    ]


def _of_split(
    rows: list[Row], split: str | None, split_file: Path, model: Path
) -> tuple[list[Row], int | None, list[str]]:
    """Return the rows to score, how many of them training used, and notes about that."""
    official = [row for row in rows if row.split == "test"]
    if split is None:
        chosen = official or rows
    else:
        chosen = rows if split == "all" else [row for row in rows if row.split == split]
    if not split_file.is_file():
        # nothing trains on a folder named test
        safe = all(row.split == "test" for row in chosen)
        return chosen, None, [] if safe else [_unknown(split_file, model)]
    new = _not_learned(chosen, split_file)
    used = len(chosen) - len(new)
    if not used:
        return chosen, 0, []
    if split is None:
        return new, 0, [f"Left out, because training used them or near copies of them: {used:,}."]
    return (
        chosen,
        used,
        [
            f"WARNING: training used {used:,} of these {len(chosen):,} pictures or near copies of "
            "them, so the figures are too good."
        ],
    )


def _unknown(split_file: Path, model: Path) -> str:
    return (
        f"WARNING: {split_file.name} is missing beside {model}, so the model "
        "may have been trained on these pictures, and the figures may be too good: copy the file "
        "there, or use other pictures."
    )


def _not_learned(rows: list[Row], split_file: Path) -> list[Row]:
    from ..data.splitting import not_learned

    try:
        return not_learned(rows, split_file)
    except (KeyError, ValueError, csv.Error):
        raise CommandError(
            f"{split_file} does not say which pictures training used: copy it again from where the "
            "model is, or remove it."
        ) from None


def _listed(names: Sequence[str]) -> str:
    from ..data.origins import printable

    shown = ", ".join(printable(name) for name in names[:10])
    return shown + (" and more" if len(names) > 10 else "")
