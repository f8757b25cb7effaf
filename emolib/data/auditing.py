"""Audit a data set: find broken files, copies, and pictures in two classes or two splits.

Nothing is ever deleted; `quarantine` moves the bad files aside.
"""

from __future__ import annotations

import csv
import errno
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import plain_cell
from ..images import EXTENSIONS, ImageError, holds_picture, is_picture, map_threaded
from .dataset import Dataset, Row, read_row
from .duplicates import near_pairs
from .layout import DataError, File, Skipped, contents, skipped_lines
from .origins import printable, shown_name

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
HELD_OUT_FIRST = {"test": 0, "validation": 1, "train": 2, None: 2}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one file.

    Attributes:
        path: The file.
        problem: A key of `PROBLEMS`.
        detail: A sentence or a few words.
        other: The file it is a copy of, or None.
        blameless: True if the system could not read the file, which may be intact.
    """

    path: Path
    problem: str
    detail: str
    other: Path | None = None
    blameless: bool = False


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
        skipped: What is in no class folder, or cannot be listed.
    """

    folder: Path
    problems: tuple[Problem, ...]
    counts: dict[str, dict[str, int]]
    files: int
    hidden: int
    sizes: tuple[tuple[int, int], ...]
    different_sizes: int
    skipped: tuple[Skipped, ...] = ()

    def totals(self) -> dict[str, int]:
        """Return {problem: number of files}, for every kind of problem."""
        found = Counter(problem.problem for problem in self.problems)
        return {kind: found[kind] for kind in PROBLEMS}

    def text(self) -> str:
        """Return the report as a table, with the first three files of each problem."""
        hidden = f" (and {self.hidden:,} hidden, skipped)" if self.hidden else ""
        lines = [f"{shown_name(self.folder)}: {self.files:,} files{hidden}"]
        lines += [*skipped_lines(self.skipped, self.folder), "", *self._summary(), ""]
        for kind, n in self.totals().items():
            lines.append(f"{kind:<16}{n:>7,}  {PROBLEMS[kind]}")
            for p in [p for p in self.problems if p.problem == kind][:3]:
                other = f" {self._name(p.other)}" if p.other else ""
                lines.append(f"    {self._name(p.path)}: {p.detail}{other}")
            if n > 3:
                lines.append(f"    and {n - 3:,} more")
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
                    row = [self._name(p.path), p.problem, p.detail, other]
                    writer.writerow([plain_cell(cell) for cell in row])
        except OSError as error:
            raise DataError(f"{path} cannot be written ({error.strerror}).") from None

    def _name(self, path: Path) -> str:
        """Return a file's path inside the folder, with "?" for what cannot be printed."""
        return printable(path.relative_to(self.folder).as_posix())

    def _summary(self) -> list[str]:
        """Return the lines of a table of class and split counts, and one about the sizes."""
        names = sorted({name for counts in self.counts.values() for name in counts})
        width = max([len(name) for name in names] + [7])
        lines = ["pictures".ljust(width) + "".join(f"{split:>12}" for split in self.counts)]
        for name in names:
            cells = "".join(f"{counts.get(name, 0):>12,}" for counts in self.counts.values())
            lines.append(printable(name).ljust(width) + cells)
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
        DataError: As in `emolib.data.scan`.
    """
    folder = Path(folder)
    found = contents(folder, classes)
    checks = map_threaded(_check, found.files, "reading pictures", progress)
    rows = [row for row, _, _ in checks]
    problems = [problem for _, problem, _ in checks if problem]
    problems += _copies(row for row in rows if row.digest)
    counts = Dataset(folder, found.class_names, rows).counts()
    sizes = sorted((size for _, _, size in checks if size), key=lambda s: (s[0] * s[1], s))
    return AuditReport(
        folder=folder,
        problems=tuple(sorted(problems, key=lambda p: (list(PROBLEMS).index(p.problem), p.path))),
        counts={
            name: counts[name] for name in ("all", "train", "validation", "test") if name in counts
        },
        files=len(rows),
        hidden=found.hidden,
        sizes=(sizes[0], sizes[(len(sizes) - 1) // 2], sizes[-1]) if sizes else (),
        different_sizes=len(set(sizes)),
        skipped=found.skipped,
    )


def quarantine(report: AuditReport, destination: str | os.PathLike) -> list[Path]:
    """Move the bad files of an audit aside, keeping their folders; delete nothing.

    Bad files are: unreadable files, files that are not pictures, all but the first of exact
    duplicates (a copy in test or validation comes first), and all copies of a picture that is in
    two classes, because nobody knows which one is right. Near duplicates and wrong extensions stay:
    people must judge those. So do files that the system could not read.

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
    moves = {
        p.path: destination / p.path.relative_to(report.folder)
        for p in report.problems
        if p.problem in QUARANTINED and not p.blameless
    }
    for path, new in moves.items():
        if os.path.lexists(new):
            raise DataError(f"{new} already exists: give an empty folder.")
        if not os.path.lexists(path):
            raise DataError(f"{path} has disappeared since the audit: audit again.")
    for path, new in moves.items():
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, new)
        except OSError as error:
            raise DataError(f"{path} cannot be moved to {new} ({error.strerror}).") from None
    return list(moves.values())


def _check(file: File) -> tuple[Row, Problem | None, tuple[int, int] | None]:
    """Return a file's row, what is wrong with it, and its (width, height) if it opens."""
    row, image = read_row(file)
    path = row.path
    if isinstance(image, ImageError):
        # errors about the content have no errno, or that of a bad offset
        blameless = getattr(image.__context__, "errno", None) not in (None, errno.EINVAL)
        # a picture begins like one; if a file is empty, its extension decides
        meant = holds_picture(path) if row.size and not blameless else is_picture(path)
        kind = "unreadable" if meant else "not a picture"
        return row, Problem(path, kind, str(image), blameless=blameless), None
    stored = image.info["format"]
    if path.suffix[1:].lower() in EXTENSIONS[stored]:
        return row, None, image.size
    new = path.with_suffix(f".{EXTENSIONS[stored][0]}").name
    detail = f"the content is {stored}: rename it to {new}"
    return row, Problem(path, "wrong extension", detail), image.size


def _copies(rows: Iterable[Row]) -> list[Problem]:
    """Find exact and near duplicates among readable rows, also across classes and splits.

    The first of several copies is from a held-out split, if any is; it is not a duplicate.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (HELD_OUT_FIRST[row.split], row.path)):
        groups[row.digest].append(row)
    problems = [problem for group in groups.values() for problem in _exact(group)]
    firsts = [group[0] for group in groups.values()]
    for i, j, bits in near_pairs(np.array([row.phash for row in firsts], np.uint64)):
        row = firsts[i]
        other = firsts[j]
        where = ", in two classes" if row.class_name != other.class_name else ""
        where += ", in two splits" if row.split != other.split else ""
        detail = f"{bits} of 64 bits differ{where}:"
        problems.append(Problem(row.path, "near duplicate", detail, other.path))
    return problems


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
