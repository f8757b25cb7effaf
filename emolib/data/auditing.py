"""Audit a data set: find broken files, copies, and pictures in two classes or two splits.

Nothing is ever deleted; `quarantine` moves the bad files aside.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..images import (
    EXTENSIONS,
    ImageError,
    holds_picture,
    is_picture,
    map_threaded,
    open_image,
    pixel_digest,
)
from .dataset import DataError, Dataset, File, Row, class_names_in, files_in, is_hidden
from .duplicates import near_pairs, perceptual_hash

# every kind of problem and its explanation, in the order of the report
PROBLEMS = {
    "unreadable": "a picture that cannot be opened",
    "not a picture": "a different kind of file",
    "wrong extension": "the extension does not match the content",
    "exact duplicate": "the same pixels as another file",
    "two classes": "the same picture in two classes",
    "two splits": "also in a held-out split: a leak",
    "near duplicate": "almost the same picture: check it by eye",
}
QUARANTINED = ("unreadable", "not a picture", "exact duplicate", "two classes", "two splits")
# the held-out copy of a picture is the one to keep
HELD_OUT_FIRST = {"test": 0, "validation": 1, "train": 2, None: 2, "all": 2}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one file.

    Attributes:
        path: The file.
        problem: A key of `PROBLEMS`.
        detail: A sentence or a few words.
        other: The file it is a copy of, or None.
    """

    path: Path
    problem: str
    detail: str
    other: Path | None = None


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Attributes:
        folder: The audited folder.
        problems: One entry per problem, in the order of `PROBLEMS`; a file can have several.
        counts: {split or "all": {class: number of readable pictures}}.
        files: Number of files in the class folders, without hidden ones.
        hidden: Number of hidden files (such as .DS_Store), which are skipped.
        sizes: (width, height) in pixels of the smallest, median and largest picture by area; empty
            if no picture is readable.
        different_sizes: Number of different sizes.
    """

    folder: Path
    problems: tuple[Problem, ...]
    counts: dict[str, dict[str, int]]
    files: int
    hidden: int
    sizes: tuple[tuple[int, int], ...]
    different_sizes: int

    def totals(self) -> dict[str, int]:
        """Return {problem: number of files}, for every kind of problem."""
        found = Counter(problem.problem for problem in self.problems)
        return {kind: found[kind] for kind in PROBLEMS}

    def text(self, examples: int = 3) -> str:
        """Return the report as a table, with the first few files of each problem."""
        hidden = f" (and {self.hidden:,} hidden, skipped)" if self.hidden else ""
        lines = [f"{self.folder}: {self.files:,} files{hidden}", "", *self._summary(), ""]
        for kind, n in self.totals().items():
            lines.append(f"{kind:<16}{n:>7,}  {PROBLEMS[kind]}")
            some = [p for p in self.problems if p.problem == kind][:examples]
            lines += [f"    {self._name(p.path)}: {self._detail(p)}" for p in some]
            lines += [f"    and {n - examples:,} more"] if n > examples else []
        return "\n".join(lines)

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write one row per problem: file, problem, detail, other file; UTF-8.

        Raises:
            DataError: The file cannot be written.
        """
        try:
            with open(path, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["file", "problem", "detail", "other file"])
                for p in self.problems:
                    other = self._name(p.other) if p.other else ""
                    writer.writerow([self._name(p.path), p.problem, p.detail, other])
        except OSError as error:
            raise DataError(f"{path} cannot be written ({error.strerror}).") from None

    def _name(self, path: Path) -> str:
        """Return a file's path inside the folder, with "?" for what is not valid Unicode."""
        return path.relative_to(self.folder).as_posix().encode(errors="replace").decode()

    def _detail(self, problem: Problem) -> str:
        return f"{problem.detail} {self._name(problem.other)}" if problem.other else problem.detail

    def _summary(self) -> list[str]:
        """Return the lines of a table of class and split counts, and one about the sizes."""
        names = sorted({name for counts in self.counts.values() for name in counts})
        width = max([len(name) for name in names] + [7])
        lines = ["pictures".ljust(width) + "".join(f"{split:>12}" for split in self.counts)]
        for name in names:
            cells = "".join(f"{counts.get(name, 0):>12,}" for counts in self.counts.values())
            lines.append(name.ljust(width) + cells)
        if self.sizes:
            small, middle, large = (f"{w} x {h}" for w, h in self.sizes)
            lines.append(
                f"sizes: {small} to {large}, median {middle} ({self.different_sizes:,} different)"
                if self.different_sizes > 1
                else f"sizes: all {small}"
            )
        return lines


def audit(
    folder: str | os.PathLike, classes: Iterable[str] | None = None, progress: bool = False
) -> AuditReport:
    """Look for problems in a data set, on all cores.

    Exact duplicates have the same upright pixels, whatever their file names and formats.
    Near duplicates differ in at most 7 of the 64 bits of `perceptual_hash`; each is reported once,
    with the most similar picture before it (test pictures come first). Pictures of one person
    from one series, in the same pose, can be that close and still be different pictures.

    Args:
        folder: A data set's folder, as `emolib.data.scan` takes it.
        classes: Names of the class folders to audit; all by default.
        progress: Show a progress bar.

    Returns:
        The report.

    Raises:
        DataError: The folder does not exist, has no class folders, or lacks one of `classes`.
    """
    folder = Path(folder)
    checks = map_threaded(_check, files_in(folder, classes), "reading pictures", progress)
    rows = [check.row for check in checks]
    problems = [check.problem for check in checks if check.problem]
    problems += find_copies({c.row: c.hash for c in checks if c.hash is not None})
    counts = Dataset(folder, class_names_in(folder), rows).counts()
    sizes = sorted((check.size for check in checks if check.size), key=lambda s: (s[0] * s[1], s))
    return AuditReport(
        folder=folder,
        problems=tuple(sorted(problems, key=lambda p: (list(PROBLEMS).index(p.problem), p.path))),
        counts={
            split: dict(counts[split])
            for split in sorted(counts, key=lambda split: HELD_OUT_FIRST[split], reverse=True)
        },
        files=len(rows),
        hidden=sum(path.is_file() and is_hidden(path, folder) for path in folder.rglob("*")),
        sizes=(sizes[0], sizes[(len(sizes) - 1) // 2], sizes[-1]) if sizes else (),
        different_sizes=len(set(sizes)),
    )


def find_copies(hash_of: Mapping[Row, int]) -> list[Problem]:
    """Find exact and near duplicates, also across classes and splits.

    Args:
        hash_of: {readable row of a scan: the `perceptual_hash` of its picture}.

    Returns:
        The problems "exact duplicate", "two splits", "two classes" and "near duplicate". The
        first of several copies is from a held-out split, if one is; it is not a duplicate itself.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(hash_of, key=lambda row: (HELD_OUT_FIRST[row.split], row.path)):
        groups[row.digest].append(row)
    problems = [problem for group in groups.values() for problem in _exact(group)]
    firsts = [group[0] for group in groups.values()]
    near = near_pairs(np.array([hash_of[row] for row in firsts], np.uint64))
    return problems + [_near(firsts[i], firsts[j], bits) for i, j, bits in near]


def quarantine(report: AuditReport, destination: str | os.PathLike) -> list[Path]:
    """Move the bad files of an audit aside, keeping their folders; delete nothing.

    Bad files are: unreadable files, files that are not pictures, the second and later copies of
    exact duplicates, the copy in train (or validation) of a picture that is also in test (or
    validation), and all copies of a picture that is in two classes, as nobody knows which one
    is right. Near duplicates and wrong extensions stay: people must judge those.

    Args:
        report: The audit of a folder.
        destination: Folder to move into: `train/happy/x.jpg` becomes
            `destination/train/happy/x.jpg`.

    Returns:
        The new paths.

    Raises:
        DataError: The destination is inside the audited folder or has a file of that name, or a
            file is gone: nothing has been moved. Or a file cannot be moved.
    """
    destination = Path(destination)
    if destination.resolve().is_relative_to(report.folder.resolve()):
        raise DataError(f"{destination} is inside the audited folder: give a folder outside it.")
    bad = dict.fromkeys(p.path for p in report.problems if p.problem in QUARANTINED)
    moves = {path: destination / path.relative_to(report.folder) for path in bad}
    for path, new in moves.items():
        if os.path.lexists(new):
            raise DataError(f"{new} exists already: give an empty folder.")
        if not os.path.lexists(path):
            raise DataError(f"{path} is gone since the audit: audit again.")
    for path, new in moves.items():
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, new)
        except OSError as error:
            raise DataError(f"{path} cannot be moved to {new} ({error.strerror}).") from None
    return list(moves.values())


class _Check(NamedTuple):
    """What one file contains; `size` is (width, height), None like `hash` if it does not open."""

    row: Row
    problem: Problem | None
    size: tuple[int, int] | None = None
    hash: int | None = None


def _check(file: File) -> _Check:
    path, class_name, split = file
    row = Row(path, class_name, split, path.stat().st_size, "")
    try:
        image = open_image(path)
    except ImageError as error:
        kind = "unreadable" if _is_meant_as_picture(path) else "not a picture"
        return _Check(row, Problem(path, kind, str(error)))
    row = replace(row, digest=pixel_digest(image))
    return _Check(row, _wrong_extension(path, image), image.size, perceptual_hash(image))


def _wrong_extension(path: Path, image: Image.Image) -> Problem | None:
    stored = image.info["format"]
    extension = path.suffix[1:].lower()
    if extension in EXTENSIONS.get(stored, (extension,)):
        return None
    new = path.with_suffix("." + EXTENSIONS[stored][0]).name
    return Problem(path, "wrong extension", f"the content is {stored}: rename it to {new}")


def _is_meant_as_picture(path: Path) -> bool:
    """Return whether a file begins as pictures do; without any content, its extension decides."""
    if path.stat().st_size and os.access(path, os.R_OK):
        return holds_picture(path)
    return is_picture(path)


def _exact(group: list[Row]) -> list[Problem]:
    """Return the problems of copies of one picture, the first from a held-out split."""
    first = group[0]
    problems = [
        Problem(row.path, "exact duplicate", "the same pixels as", first.path) for row in group[1:]
    ]
    problems += [
        Problem(row.path, "two splits", f"{row.split} picture, also in {first.split}:", first.path)
        for row in group
        if row.split != first.split
    ]
    for row in group:
        other = next((other for other in group if other.class_name != row.class_name), None)
        if other:
            problems.append(Problem(row.path, "two classes", "also filed as", other.path))
    return problems


def _near(row: Row, other: Row, bits: int) -> Problem:
    where = ", in two classes" if row.class_name != other.class_name else ""
    where += ", in two splits" if row.split != other.split else ""
    return Problem(row.path, "near duplicate", f"{bits} of 64 bits differ{where}:", other.path)
