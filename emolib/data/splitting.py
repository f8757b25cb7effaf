"""Pictures are divided into those to learn from, to choose with and to judge with; none leaks.

A picture that is in two of these sets makes every figure too good. Notebook 01 shows how.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .dataset import DataError, Dataset, Row


def without_leaks(rows: Sequence[Row]) -> list[Row]:
    """Drop what would leak or mislead: duplicates across splits, extra copies to learn from.

    A test picture is dropped from validation and training, a validation picture from
    training. Among the training pictures (and those not split yet) one copy stays, none when
    the same picture stands under two classes. Validation and test sets are else left as they
    are, so that figures stay comparable. Unreadable rows are dropped.

    Args:
        rows: Rows of a scan.

    Returns:
        The rows to use, in their old order.
    """
    readable = [row for row in rows if row.digest]
    test = {row.digest for row in readable if row.split == "test"}
    held_out = test | {row.digest for row in readable if row.split == "validation"}
    learn = [row for row in readable if row.split in (None, "train")]
    classes = defaultdict(set)
    for row in learn:
        classes[row.digest].add(row.class_name)
    seen = set(held_out)
    kept = []
    for row in readable:
        if row.split == "test" or (row.split == "validation" and row.digest not in test):
            kept.append(row)
        elif row.digest not in seen and len(classes[row.digest]) == 1:
            seen.add(row.digest)
            kept.append(row)
    return kept


def split(dataset: Dataset, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> Dataset:
    """Give every picture its split, and never the same picture two of them.

    Splits that the folders already say are kept; a missing validation set is taken from the
    training pictures. Copies of one picture (equal digests) always go together. Each class
    is divided in the same proportions. The result depends on the seed and the pictures, not
    on the files' order.

    Args:
        dataset: A scanned data set.
        validation: Share of the pictures to choose with, 0-1.
        test: Share of the pictures to judge with, 0-1; not used where a test set exists.
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
    rng = random.Random(seed)
    new_split: dict[str, str] = {}
    for name in dataset.class_names:
        digests = sorted(
            row.digest for row in rows if row.class_name == name and row.split in (None, "train")
        )
        needed = 1 + sum(share > 0 for share in shares.values())
        if len(digests) < needed:
            raise DataError(
                f"{dataset.folder} has {len(digests)} different readable pictures of class {name} "
                f"to learn from: it needs at least {needed}."
            )
        rng.shuffle(digests)
        new_split |= _shared_out(digests, shares)
    rows = [
        replace(row, split=new_split[row.digest]) if row.split in (None, "train") else row
        for row in rows
    ]
    return Dataset(dataset.folder, dataset.class_names, rows)


def _shared_out(digests: list[str], shares: dict[str, float]) -> dict[str, str]:
    """Return {digest: split}: to each split its share, at least one; to "train" the rest."""
    parts: dict[str, str] = {}
    left = digests
    for name, share in shares.items():
        n = min(max(1, round(share * len(digests))), len(left) - 1) if share else 0
        parts |= dict.fromkeys(left[:n], name)
        left = left[n:]
    return parts | dict.fromkeys(left, "train")


def write_split(dataset: Dataset, path: Path) -> None:
    """Write down which picture is in which split, as CSV."""
    with open(path, "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        table = csv.writer(file)
        table.writerow(["file", "class", "split", "digest"])
        for row in dataset.rows:
            name = row.path.relative_to(dataset.folder).as_posix()
            table.writerow([name, row.class_name, row.split, row.digest])


def learned_digests(path: Path) -> set[str]:
    """Return the digests that `write_split` wrote down as training and validation pictures."""
    if not path.is_file():
        return set()
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as file:
        return {row["digest"] for row in csv.DictReader(file) if row["split"] != "test"}
