"""A data set is looked over: broken files, copies, pictures in two classes or two splits.

Only the bad files can be moved aside; nothing is ever deleted.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .data import DataError, Row, scan
from .images import SIGNATURES, ImageError, open_image, to_array

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
QUARANTINED = ("unreadable", "not a picture", "exact duplicate", "two classes", "two splits")
EXTENSIONS = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif"),
    "MPO": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "PNG": ("png", "apng"),
    "WEBP": ("webp",),
    "BMP": ("bmp", "dib"),
    "GIF": ("gif",),
    "TIFF": ("tif", "tiff"),
    "AVIF": ("avif", "avifs"),
    "HEIF": ("heic", "heif", "hif"),
}
# FER2013, by eye: false alarms among pairs that differ in 6 bits 0 of 80, 7 bits 3 of 80, 8 bits
# 3 of 16; most pairs differ in fewer
NEAR_BITS = 7
# cosine transform of 32 samples, frequencies 1 to 8
COSINES = np.cos(np.pi / 64 * np.outer(np.arange(1, 9), 2 * np.arange(32) + 1))
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
        progress: Show progress bars.

    Returns:
        The report.

    Raises:
        DataError: No such folder, or no class folder in it.
    """
    dataset = scan(folder, classes, progress)
    with ThreadPoolExecutor() as pool:
        looks = pool.map(_look, dataset.rows)
        if progress:
            from tqdm import tqdm

            looks = tqdm(looks, "comparing", len(dataset.rows), unit="file", leave=False)
        looks = list(looks)
    problems = [problem for problem, _, _ in looks if problem]
    problems += _copies(dataset.rows, [code for _, _, code in looks])
    counts = dataset.counts()
    sizes = sorted((s for _, s, _ in looks if s), key=lambda size: (size[0] * size[1], size))
    return AuditReport(
        folder=dataset.folder,
        problems=tuple(sorted(problems, key=lambda p: (list(PROBLEMS).index(p.problem), p.path))),
        counts={
            split: dict(counts[split])
            for split in sorted(counts, key=HELD_OUT_FIRST.get, reverse=True)
        },
        files=len(dataset.rows),
        hidden=_hidden_files(dataset.folder),
        sizes=(sizes[0], sizes[(len(sizes) - 1) // 2], sizes[-1]) if sizes else (),
        different_sizes=len(set(sizes)),
    )


def _look(row: Row) -> tuple[Problem | None, tuple[int, int] | None, int | None]:
    """Open one file: its problem, its (width, height) and its perceptual hash, or None."""
    try:
        image = open_image(row.path, at_least=256)
    except ImageError as error:
        kind = "unreadable" if _looks_like_picture(row.path) else "not a picture"
        return Problem(row.path, kind, str(error)), None, None
    stored, extension = image.info["format"], row.path.suffix[1:].lower()
    wrong = None
    if extension not in EXTENSIONS.get(stored, (extension,)):
        new = row.path.with_suffix("." + EXTENSIONS[stored][0]).name
        wrong = Problem(row.path, "wrong extension", f"it holds {stored}: rename it to {new}")
    return wrong, image.info["full_size"], perceptual_hash(image)


def _looks_like_picture(path: Path) -> bool:
    """Whether a file begins as pictures do, or is empty and only named like one."""
    try:
        with path.open("rb") as file:
            head = file.read(18)
    except OSError:
        head = b""
    if not head:
        return path.suffix[1:].lower() in {e for known in EXTENSIONS.values() for e in known}
    return any(re.match(start, head, re.DOTALL) for start in SIGNATURES.values())


def _hidden_files(folder: Path) -> int:
    """Count the files that begin with a dot, or stand in a folder that does."""
    return sum(
        any(part.startswith(".") for part in Path(place).relative_to(folder).parts)
        or name.startswith(".")
        for place, _, names in os.walk(folder)
        for name in names
    )


def perceptual_hash(image: Image.Image) -> int:
    """Return 64 bits that stay nearly the same when a picture is resized, lit or compressed anew.

    The signs of 8 x 8 low frequencies of the cosine transform of the picture, gray, 32 x 32:
    the DCT based hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", 2010, with zero in place of the median.

    Args:
        image: A picture, RGB or gray.
    """
    gray = to_array(image, (32, 32))[:, :, 0].astype(np.float64)
    # the frequency 0 says how bright a picture is, not what it shows; 1.0: flat has no sign
    bits = COSINES @ gray @ COSINES.T > 1.0
    return int(np.packbits(bits).view(np.uint64)[0])


def _copies(rows: Sequence[Row], hashes: Sequence[int | None]) -> list[Problem]:
    """Find exact and near duplicates among the readable rows."""
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


def _nearest(hashes: np.ndarray, rows_at_once: int = 64) -> list[tuple[int, int, int]]:
    """Compare every hash with all before it.

    Args:
        hashes: uint64 array (n,).
        rows_at_once: How many to compare in one go.

    Returns:
        (i, j, bits) for each i with a j < i that differs in `NEAR_BITS` or fewer: the nearest.
    """
    pairs = []
    for start in range(0, len(hashes), rows_at_once):
        here = np.arange(start, min(start + rows_at_once, len(hashes)))
        bits = np.bitwise_count(hashes[here, None] ^ hashes[None, : here[-1] + 1])
        bits[np.arange(here[-1] + 1) >= here[:, None]] = 65
        nearest = bits.argmin(axis=1)
        least = bits[np.arange(len(here)), nearest]
        close = least <= NEAR_BITS
        pairs += zip(
            here[close].tolist(), nearest[close].tolist(), least[close].tolist(), strict=True
        )
    return pairs


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
