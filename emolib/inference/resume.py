"""A table of answers that survives a crash and continues where the program stopped.

The rows go to `answers.csv.part`, which is renamed when the last one is written. A photo is done
when all its rows are written.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from ..errors import EmolibError
from ..files import plain_cell, take_name
from .output import table_head

if TYPE_CHECKING:
    from .photo import Photo

SAME = 1e-3  # processors round differently, by far less


@dataclass
class PartTable:
    """A table in progress.

    Attributes:
        file: Open for appending rows; its header is already written.
        done: How many photos it already answers.
        errors: How many of these have a sentence in place of an answer.
        witness: The number of the last photo with a face, from 0, and its rows; None without one.
    """

    file: TextIO
    done: int
    errors: int
    witness: tuple[int, list[dict[str, str]]] | None = None

    def check(self, photo: Photo) -> None:
        """Check that the table is continued by the model that it was started with.

        Args:
            photo: The answer to the witness now. If it cannot be read anymore, nothing is checked.

        Raises:
            EmolibError: The answer is different, or the table is damaged.
        """
        if photo.error or self.witness is None:
            return
        _, then = self.witness
        try:
            same = len(then) == len(photo.faces) and all(
                abs(p - float(row[f"p_{name}"])) < SAME
                for row, face in zip(then, photo.faces, strict=True)
                for name, p in face.probabilities.items()
            )
        except ValueError:  # a cell is no number
            raise _damaged(self.file.name) from None
        if not same:
            raise EmolibError(
                f"{self.file.name} has a different answer for {photo.file}: use the model that it "
                "was started with, or give the name of a new file."
            )


def part_of(path: Path) -> Path:
    """Return where the rows of a table are until it is complete."""
    return path.with_name(f"{path.name}.part")


@contextmanager
def lasting_table(
    path: Path, class_names: Sequence[str], sources: Sequence[str], resume: bool
) -> Iterator[PartTable]:
    """Write a table that gets its name when it is complete; until then, its part file stays.

    A part file in which no photo is done is removed again.

    Args:
        path: A name that is not taken.
        class_names: The classes of the model that answers.
        sources: The photos, in order.
        resume: Continue the part file, if there is one; the rows of a half-done photo are dropped.

    Yields:
        The table. Close its file before the block ends.

    Raises:
        EmolibError: One of the two files exists, or cannot be written, or the part file is for
            different classes or photos.
    """
    part = part_of(path)
    taken = EmolibError(f"{path} already exists: give the name of a new file.")
    if os.path.lexists(path):
        raise taken
    if os.path.lexists(part) and not resume:
        raise EmolibError(
            f"{part} holds the answers of an interrupted run: add --resume to continue it, or "
            "give the name of a new file."
        )
    head = table_head(class_names)
    done, errors, end, witness = 0, 0, 0, None
    if part.is_file():
        done, errors, end, witness = _answered(part, head, sources)
    try:
        part.touch(exist_ok=resume)
        os.truncate(part, end)
        # by lines: a killed program loses no answer that it had
        file = open(part, "a", 1, newline="", encoding="utf-8", errors="backslashreplace")
    except OSError as problem:
        raise EmolibError(f"{part} cannot be written: {problem.strerror}.") from None
    try:
        with file:
            if not done:
                csv.writer(file).writerow(head)
            empty = file.tell()
            yield PartTable(file, done, errors, witness)
        take_name(part, path, taken)
    finally:
        if not done and part.is_file() and part.stat().st_size <= empty:
            part.unlink()


def _answered(
    part: Path, head: list[str], sources: Sequence[str]
) -> tuple[int, int, int, tuple[int, list[dict[str, str]]] | None]:
    """Return how many photos a part file answers, how many in error, where it ends, a witness."""
    done = errors = 0
    rows: list[dict[str, str]] = []
    witness = None
    with open(part, "rb") as file:
        end = _end_of_head(file, part, head)
        for row, end_of_row in _whole_rows(file, part, len(head)):
            cells = dict(zip(head, row, strict=True))
            rows.append(cells)
            _check_row(part, cells, len(rows), sources[done] if done < len(sources) else None)
            if len(rows) >= int(cells["faces"]):
                if cells["faces"] != "0":
                    witness = done, rows
                done += 1
                errors += bool(cells["error"])
                end = end_of_row
                rows = []
    return done, errors, end if done else 0, witness


def _end_of_head(file: BinaryIO, part: Path, head: list[str]) -> int:
    """Check that a file begins with a table's header, or with the beginning of one."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(head)
    whole = text.getvalue().encode("utf-8", "backslashreplace")
    there = file.read(len(whole))
    if there != whole and not (len(there) < len(whole) and whole.startswith(there)):
        raise EmolibError(
            f"{part} is not a table of this model's classes: use the model that it was started "
            "with, or give the name of a new file."
        )
    return len(there)


def _check_row(part: Path, cells: dict[str, str], number: int, source: str | None) -> None:
    """Check that a row is the next one of the photo whose turn it is."""
    expected = None
    if source is not None:
        # as a table is written
        expected = plain_cell(source).encode("utf-8", "backslashreplace").decode()
    faces = cells["faces"]
    face = "0" if faces == "0" else str(number)
    if cells["file"] != expected or cells["face"] != face or not faces.isdecimal():
        raise EmolibError(
            f"{part} belongs to a different list of photos: give the same photos in the same "
            "order, or the name of a new file."
        )


def _whole_rows(file: BinaryIO, part: Path, columns: int) -> Iterator[tuple[list[str], int]]:
    """Yield the rows that follow, with the place where each ends; half a row ends the file."""
    size = os.fstat(file.fileno()).st_size
    end = file.tell()
    line = b""

    def lines() -> Iterator[str]:
        nonlocal end, line
        for line in file:
            end += len(line)
            yield line.decode("utf-8", "replace")

    for row in csv.reader(lines()):
        if len(row) == columns and line.endswith(b"\n"):
            yield row, end
        elif end < size:
            raise _damaged(part)


def _damaged(part: Path | str) -> EmolibError:
    return EmolibError(f"{part} is damaged: give the name of a new file.")
