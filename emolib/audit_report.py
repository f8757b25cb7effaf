"""What can be wrong with a data set's files, and the report that says so: a table, or a CSV."""

from __future__ import annotations

import csv
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .scanning import DataError

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
