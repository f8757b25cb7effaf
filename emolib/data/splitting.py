"""Divide pictures into training, validation and test sets, without leaks.

A picture that is in two of these sets makes every score too good. Notebook 01 shows how.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .dataset import Dataset, Row
from .duplicates import near_any, near_groups
from .layout import COPIES, DataError, Skipped
from .origins import printable, shown_name

# the splits of rows whose pictures are still to be divided
TO_DIVIDE = (None, "train")


def split(dataset: Dataset, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> Dataset:
    """Assign every picture to one split, and no near copies to two.

    Splits given by the folders are kept; a missing validation set is taken from the training
    pictures. Near copies (see `near_groups`) go to the same split; near copies of a picture whose
    split is given by the folders stay in training.

    A hash of the seed and of a group's smallest digest decides where a group of near copies goes.
    So the order of the files does not matter, and a new picture does not move any other, unless it
    is a near copy. The price is that shares are met only on average: 0.15 of a class of 600
    pictures is 90, give or take 17. If a class would have no picture in a split, the group closest
    to it is moved there.

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
    given = {row.split for row in rows}
    shares = {
        name: 0.0 if name in given else share
        for name, share in (("validation", validation), ("test", test))
    }
    needed = ["train", *(name for name, share in shares.items() if share > 0)]
    groups = _drawn(rows, shares, seed)
    for name in dataset.class_names:
        n = sum(row.class_name == name and row.split in TO_DIVIDE for row in rows)
        few = f"{shown_name(dataset.folder)} has {n} different readable pictures of class "
        few += f"{printable(name)} for training"
        if n < len(needed):
            raise DataError(f"{few}: add more, because it needs at least {len(needed)}.")
        if not all(_require(groups, name, wanted, shares) for wanted in needed):
            raise DataError(
                f"{few}, but they look too much alike to be divided without a leak: add pictures "
                "that differ more."
            )
    used = {row.path for row in rows}
    copies = [row.path for row in dataset.rows if row.digest and row.path not in used]
    skipped = (*dataset.skipped, *(Skipped(path, COPIES) for path in copies))
    split_of = {row.path: group.split for group in groups for row in group.rows}
    rows = [replace(row, split=split_of.get(row.path, row.split)) for row in rows]
    return replace(dataset, rows=rows, skipped=skipped)


def without_leaks(rows: Sequence[Row]) -> list[Row]:
    """Drop what would leak or mislead: duplicates across splits, extra training copies.

    A test picture is dropped from validation and training, a validation picture from training.
    Of every other training picture, one copy stays, or none if it is in two classes. Otherwise,
    validation and test sets stay as they are, so that scores stay comparable.

    Args:
        rows: Rows of a scan.

    Returns:
        The rows to use, in their old order.
    """
    readable = [row for row in rows if row.digest]
    test = {row.digest for row in readable if row.split == "test"}
    classes = defaultdict(set)
    for row in readable:
        if row.split in TO_DIVIDE:
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
    """Write which picture is in which split, as CSV, with both of its hashes in hex."""
    with open(path, "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        table = csv.writer(file)
        table.writerow(["file", "class", "split", "digest", "phash"])
        for row in dataset.rows:
            name = row.path.relative_to(dataset.folder).as_posix()
            phash = "" if row.phash is None else f"{row.phash:016x}"
            table.writerow([name, row.class_name, row.split, row.digest, phash])


def not_learned(rows: Sequence[Row], path: Path) -> list[Row]:
    """Leave out the training and validation pictures, and near copies of them.

    Args:
        rows: Rows of a scan.
        path: A file of `write_split`, or of an older version, which knows exact copies only;
            nothing is left out if there is none.
    """
    if not path.is_file():
        return list(rows)
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as file:
        learned = [row for row in csv.DictReader(file) if row["split"] != "test"]
    digests = {row["digest"] for row in learned}
    known = [int(row["phash"], 16) for row in learned if row.get("phash")]
    hashes = np.array([row.phash or 0 for row in rows], np.uint64)
    near = near_any(hashes, np.array(known, np.uint64))
    return [
        row
        for row, is_near in zip(rows, near, strict=True)
        if row.digest not in digests and not (is_near and row.phash is not None)
    ]


@dataclass
class _Group:
    """Near copies that are to be divided, or that must stay in training.

    Attributes:
        rows: Those that can be divided.
        place: Where the group falls between 0 and 1.
        fixed: Whether it must stay in training.
        split: Where it goes.
    """

    rows: list[Row]
    place: float
    fixed: bool
    split: str

    @property
    def classes(self) -> set[str]:
        return {row.class_name for row in self.rows}


def _bounds(shares: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Return {split: (where it begins, where it ends)} for places between 0 and 1."""
    begin = shares["test"]
    end = 1 - shares["validation"]
    return {"test": (0.0, begin), "train": (begin, end), "validation": (end, 1.0)}


def _drawn(rows: Sequence[Row], shares: Mapping[str, float], seed: int) -> list[_Group]:
    """Return the groups to divide, each with the split that its hash gives it."""
    hashes = [row.phash for row in rows if row.phash is not None]
    numbers = iter(near_groups(np.array(hashes, np.uint64)).tolist())
    together: dict[int | str, list[Row]] = defaultdict(list)
    for row in rows:  # one without phash has no near copies
        together[row.digest if row.phash is None else next(numbers)].append(row)
    groups = []
    for copies in together.values():
        free = [row for row in copies if row.split in TO_DIVIDE]
        if free:
            code = hashlib.sha256(f"{seed} {min(row.digest for row in free)}".encode()).digest()
            place = int.from_bytes(code[:6]) / 2**48
            fixed = len(free) < len(copies)
            drawn = next(name for name, (_, end) in _bounds(shares).items() if place < end)
            groups.append(_Group(free, place, fixed, "train" if fixed else drawn))
    return groups


def _require(groups: Sequence[_Group], name: str, wanted: str, shares: Mapping[str, float]) -> bool:
    """Move one group of a class into a split that has none; return whether it has one now."""
    own = [group for group in groups if name in group.classes]
    if any(group.split == wanted for group in own):
        return True
    there = Counter((c, group.split) for group in groups for c in group.classes)
    movable = [
        group
        for group in own
        if not group.fixed and all(there[c, group.split] > 1 for c in group.classes)
    ]
    begin, end = _bounds(shares)[wanted]
    if movable:
        nearest = min(movable, key=lambda group: max(begin - group.place, group.place - end))
        nearest.split = wanted
    return bool(movable)
