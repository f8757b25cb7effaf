"""Divide pictures into training, validation and test sets, without leaks.

A picture that is in two of these sets makes every score too good. Notebook 01 shows how.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .dataset import DataError, Dataset, Row


def split(dataset: Dataset, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> Dataset:
    """Assign every picture to one split, and no picture to two.

    Splits given by the folders are kept; a missing validation set is taken from the training
    pictures. Copies of one picture (equal digests) always stay together. Each class is divided
    in the same proportions. The result depends on the seed and the pictures, not on the order
    of the files.

    Args:
        dataset: A scanned data set.
        validation: Share of the validation set, 0-1; not used if there is one.
        test: Share of the test set, 0-1; not used if there is one.
        seed: Seed of the draw.

    Returns:
        The data set without unreadable rows, every row with a split.

    Raises:
        DataError: A class has too few different pictures.
    """
    rows = without_leaks(dataset.rows)
    present = {row.split for row in rows}
    shares = {
        "validation": 0.0 if "validation" in present else validation,
        "test": 0.0 if "test" in present else test,
    }
    needed = 1 + sum(share > 0 for share in shares.values())
    rng = random.Random(seed)
    new_split: dict[str, str] = {}
    for name in dataset.class_names:
        digests = sorted(
            row.digest for row in rows if row.class_name == name and row.split in (None, "train")
        )
        if len(digests) < needed:
            raise DataError(
                f"{dataset.folder} has {len(digests)} different readable pictures of class {name} "
                f"for training: add some, as it needs at least {needed}."
            )
        rng.shuffle(digests)
        new_split |= _divide(digests, shares)
    rows = [
        replace(row, split=new_split[row.digest]) if row.split in (None, "train") else row
        for row in rows
    ]
    return Dataset(dataset.folder, dataset.class_names, rows)


def without_leaks(rows: Sequence[Row]) -> list[Row]:
    """Drop what would leak or mislead: duplicates across splits, extra training copies.

    A test picture is dropped from validation and training, a validation picture from
    training. Of the training pictures (and those not split yet) one copy stays, or none if
    the same picture is in two classes. Otherwise, validation and test sets stay as they are, so
    that scores stay comparable. Unreadable rows are dropped.

    Args:
        rows: Rows of a scan.

    Returns:
        The rows to use, in their old order.
    """
    readable = [row for row in rows if row.digest]
    test = {row.digest for row in readable if row.split == "test"}
    classes = defaultdict(set)
    for row in readable:
        if row.split in (None, "train"):
            classes[row.digest].add(row.class_name)
    seen = test | {row.digest for row in readable if row.split == "validation"}
    kept = []
    for row in readable:
        if row.split == "test" or (row.split == "validation" and row.digest not in test):
            kept.append(row)
        elif row.digest not in seen and len(classes[row.digest]) == 1:
            seen.add(row.digest)
            kept.append(row)
    return kept


def write_split(dataset: Dataset, path: Path) -> None:
    """Write which picture is in which split, as CSV."""
    with open(path, "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        table = csv.writer(file)
        table.writerow(["file", "class", "split", "digest"])
        for row in dataset.rows:
            name = row.path.relative_to(dataset.folder).as_posix()
            table.writerow([name, row.class_name, row.split, row.digest])


def learned_digests(path: Path) -> set[str]:
    """Return the digests of the training and validation pictures in a file of `write_split`."""
    if not path.is_file():
        return set()
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as file:
        return {row["digest"] for row in csv.DictReader(file) if row["split"] != "test"}


def _divide(digests: list[str], shares: dict[str, float]) -> dict[str, str]:
    """Return {digest: split}: each split gets its share, at least one; "train" gets the rest."""
    parts: dict[str, str] = {}
    left = digests
    for name, share in shares.items():
        n = min(max(1, round(share * len(digests))), len(left) - 1) if share else 0
        parts |= dict.fromkeys(left[:n], name)
        left = left[n:]
    return parts | dict.fromkeys(left, "train")
