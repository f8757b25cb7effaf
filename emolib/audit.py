"""A data set is looked over: broken files, copies, pictures in two classes or two splits.

Only the bad files can be moved aside; nothing is ever deleted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from .audit_report import PROBLEMS, AuditReport, Problem
from .duplicates import HELD_OUT_FIRST, find_copies, perceptual_hash
from .formats import EXTENSIONS, formats_of
from .images import ImageError, open_image, pixel_digest
from .scanning import DataError, Dataset, Row, class_names_in, files_in
from .workers import on_all_cores

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
    looks = on_all_cores(_look, files_in(folder, classes), "reading pictures", progress)
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
