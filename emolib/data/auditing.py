"""A data set is looked over: broken files, copies, pictures in two classes or two splits.

Only the bad files can be moved aside; nothing is ever deleted.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..images import EXTENSIONS, ImageError, formats_of, map_threaded, open_image, pixel_digest
from .dataset import DataError, Dataset, Row, class_names_in, files_in
from .duplicates import _nearest, perceptual_hash

# every problem, and what is said about it
PROBLEMS = {
    "unreadable": "a picture that cannot be opened",
    "not a picture": "another kind of file",
    "wrong extension": "the name promises another format",
    "exact duplicate": "the same pixels again",
    "two classes": "the same picture under two classes",
    "two splits": "stands in a held-out split, too: a leak",
    "near duplicate": "almost the same picture, look at it",
}


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
        problems: One entry a problem, in the order of `PROBLEMS`; a file can have several.
        counts: {split or "all": {class: readable pictures}}.
        files: Files in the class folders, without the hidden ones.
        hidden: Hidden files (such as .DS_Store), passed over.
        sizes: (width, height) in pixels of the smallest, median and largest picture by area; empty
            without a readable picture.
        different_sizes: How many sizes there are.
    """

    folder: Path
    problems: tuple[Problem, ...]
    counts: dict[str, dict[str, int]]
    files: int
    hidden: int
    sizes: tuple[tuple[int, int], ...]
    different_sizes: int

    def totals(self) -> dict[str, int]:
        """Return {problem: how many}, for every kind of problem."""
        found = Counter(problem.problem for problem in self.problems)
        return {kind: found[kind] for kind in PROBLEMS}

    def text(self, examples: int = 3) -> str:
        """Return the report as a table, with the first few files of each problem."""
        hidden = f" (and {self.hidden:,} hidden, passed over)" if self.hidden else ""
        lines = [f"{self.folder}: {self.files:,} files{hidden}", "", *self._balance(), ""]
        for kind, n in self.totals().items():
            lines.append(f"{kind:<16}{n:>7,}  {PROBLEMS[kind]}")
            some = [p for p in self.problems if p.problem == kind][:examples]
            lines += [f"    {self._name(p.path)}: {self._words(p)}" for p in some]
            lines += [f"    and {n - examples:,} more"] if n > examples else []
        return "\n".join(lines)

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write one row a problem: file, problem, detail, other file; UTF-8.

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
        """Return a file's name below the folder, with "?" for what is not valid Unicode."""
        return path.relative_to(self.folder).as_posix().encode(errors="replace").decode()

    def _words(self, problem: Problem) -> str:
        return f"{problem.detail} {self._name(problem.other)}" if problem.other else problem.detail

    def _balance(self) -> list[str]:
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


HELD_OUT_FIRST = {"test": 0, "validation": 1, "train": 2, None: 2, "all": 2}


def find_copies(rows: Sequence[Row], hashes: Sequence[int | None]) -> list[Problem]:
    """Find exact and near duplicates, also across classes and splits.

    Args:
        rows: Rows of a scan.
        hashes: The `perceptual_hash` of each row's picture; None for an unreadable one.

    Returns:
        The problems "exact duplicate", "two splits", "two classes" and "near duplicate". The
        first copy of a picture is from a held-out split, if any is, and no duplicate.
    """
    found = [
        (row, code)
        for row, code in zip(rows, hashes, strict=True)
        if row.digest and code is not None
    ]
    found.sort(key=lambda pair: (HELD_OUT_FIRST[pair[0].split], pair[0].path))
    groups: dict[str, list[Row]] = defaultdict(list)
    codes = {}
    for row, code in found:
        groups[row.digest].append(row)
        codes.setdefault(row.digest, code)
    problems = [problem for group in groups.values() for problem in _exact(group)]
    firsts = [group[0] for group in groups.values()]
    near = _nearest(np.array([codes[row.digest] for row in firsts], np.uint64))
    return problems + [_near(firsts[i], firsts[j], bits) for i, j, bits in near]


def _exact(group: list[Row]) -> list[Problem]:
    """Name what is wrong with copies of one picture; the first is from a held-out split, if any."""
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


QUARANTINED = ("unreadable", "not a picture", "exact duplicate", "two classes", "two splits")


def audit(
    folder: str | os.PathLike, classes: Iterable[str] | None = None, progress: bool = False
) -> AuditReport:
    """Look a data set over, on all cores.

    Exact duplicates have the same upright pixels, whatever the files are named or stored as.
    Near duplicates differ in at most 7 of the 64 bits of `perceptual_hash`; each is named once,
    with the picture before it that is most like it (test pictures come first). Pictures of one
    person from one series, held alike, can be that close and still be different pictures.

    Args:
        folder: A data set's folder, as `emolib.data.scan` takes it.
        classes: Names of the class folders to look at; all by default.
        progress: Show a progress bar.

    Returns:
        The report.

    Raises:
        DataError: No such folder, or no class folder in it.
    """
    folder = Path(folder)
    looks = map_threaded(_look, files_in(folder, classes), "reading pictures", progress)
    rows = [look.row for look in looks]
    problems = [look.problem for look in looks if look.problem]
    problems += find_copies(rows, [look.code for look in looks])
    counts = Dataset(folder, class_names_in(folder), rows).counts()
    sizes = sorted((look.size for look in looks if look.size), key=lambda s: (s[0] * s[1], s))
    return AuditReport(
        folder=folder,
        problems=tuple(sorted(problems, key=lambda p: (list(PROBLEMS).index(p.problem), p.path))),
        counts={
            split: dict(counts[split])
            for split in sorted(counts, key=HELD_OUT_FIRST.get, reverse=True)
        },
        files=len(rows),
        hidden=_hidden_files(folder),
        sizes=(sizes[0], sizes[(len(sizes) - 1) // 2], sizes[-1]) if sizes else (),
        different_sizes=len(set(sizes)),
    )


class _Look(NamedTuple):
    """What one file holds: size is (width, height), code the perceptual hash, if it opens."""

    row: Row
    problem: Problem | None
    size: tuple[int, int] | None = None
    code: int | None = None


def _look(file: tuple[Path, str, str | None]) -> _Look:
    path, class_name, split = file
    row = Row(path, class_name, split, path.stat().st_size, "")
    try:
        image = open_image(path)
    except ImageError as error:
        kind = "unreadable" if _looks_like_picture(path) else "not a picture"
        return _Look(row, Problem(path, kind, str(error)))
    row = replace(row, digest=pixel_digest(image))
    return _Look(row, _wrong_extension(path, image), image.size, perceptual_hash(image))


def _wrong_extension(path: Path, image: Image.Image) -> Problem | None:
    stored, extension = image.info["format"], path.suffix[1:].lower()
    if extension in EXTENSIONS.get(stored, (extension,)):
        return None
    new = path.with_suffix("." + EXTENSIONS[stored][0]).name
    return Problem(path, "wrong extension", f"it holds {stored}: rename it to {new}")


def _looks_like_picture(path: Path) -> bool:
    """Whether a file begins as pictures do, or is empty and only named like one."""
    try:
        with path.open("rb") as file:
            head = file.read(18)
    except OSError:
        head = b""
    if not head:
        return path.suffix[1:].lower() in {e for known in EXTENSIONS.values() for e in known}
    return bool(formats_of(head))


def _hidden_files(folder: Path) -> int:
    """Count the files that begin with a dot, or stand in a folder that does."""
    return sum(
        any(part.startswith(".") for part in Path(place).relative_to(folder).parts)
        or name.startswith(".")
        for place, _, names in os.walk(folder)
        for name in names
    )


def quarantine(report: AuditReport, destination: str | os.PathLike) -> list[Path]:
    """Move the bad files of an audit aside, keeping their folders; delete nothing.

    Bad are: unreadable files, files that are no pictures, the second and later copies of exact
    duplicates, the copy in train (or validation) of a picture that stands in test (or
    validation), and all copies of a picture that stands under two classes, as nobody knows which
    is right. Near duplicates and wrong extensions stay: they are for people to judge.

    Args:
        report: The audit of a folder.
        destination: Folder to move into: `train/happy/x.jpg` becomes
            `destination/train/happy/x.jpg`.

    Returns:
        The new paths.

    Raises:
        DataError: The destination is inside the audited folder or holds a file of that name, or
            a file has gone or cannot be moved. But for the last, nothing has been moved then.
    """
    destination = Path(destination)
    if destination.resolve().is_relative_to(report.folder.resolve()):
        raise DataError(f"{destination} is inside the audited folder: give one outside of it.")
    bad = dict.fromkeys(p.path for p in report.problems if p.problem in QUARANTINED)
    moves = {path: destination / path.relative_to(report.folder) for path in bad}
    for path, new in moves.items():
        if os.path.lexists(new):
            raise DataError(f"{new} exists already: give an empty folder.")
        if not os.path.lexists(path):
            raise DataError(f"{path} has gone since the audit: audit again.")
    for path, new in moves.items():
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, new)
        except OSError as error:
            raise DataError(f"{path} cannot be moved to {new} ({error.strerror}).") from None
    return list(moves.values())
