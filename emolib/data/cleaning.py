"""Fix wrong labels in a copy of a data set; the data set itself stays unchanged.

    >>> done = apply_decisions("data/mine", [Decision("data/mine/happy/7.png", "relabel", "sad")],
    ...                        "data/clean")

`emolib.evaluate` shows which labels to doubt; `emolib.widgets.label_cleaner` lets people decide.
Notebook 08 walks through it.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import new_folders, require_new_folder
from .dataset import DataError, File, class_names_in, files_in

# what can be decided about a picture, and what it is called when it is done
ACTIONS = {"keep": "kept", "relabel": "relabeled", "set aside": "set aside"}


@dataclass(frozen=True)
class Decision:
    """What to do with one picture.

    Attributes:
        file: Its path; or its row number, if the pictures are arrays.
        action: "keep", "relabel" or "set aside".
        label: The new class, for "relabel"; otherwise None.

    Raises:
        DataError: An unknown action, or a label that is missing or not needed.
    """

    file: str | os.PathLike | int
    action: str
    label: str | None = None

    def __post_init__(self) -> None:
        """Check that action and label go together."""
        if self.action not in ACTIONS:
            raise DataError(f"{self.action!r} is not an action: use one of {', '.join(ACTIONS)}.")
        if (self.action == "relabel") != (self.label is not None):
            raise DataError('Give a label with "relabel", and only with "relabel".')


@dataclass(frozen=True)
class Cleaned:
    """The result of `apply_decisions`.

    Attributes:
        folder: The copy.
        aside: The folder with the pictures set aside, or None if there are none.
        kept: Number of files in their old class, including undecided ones.
        relabeled: Number of files in a new class.
        set_aside: Number of files in `aside`.
    """

    folder: Path
    aside: Path | None
    kept: int
    relabeled: int
    set_aside: int

    def __str__(self) -> str:
        """Return the counts in words."""
        counts = f"{self.kept:,} kept, {self.relabeled:,} relabeled"
        return f"{counts}, {self.set_aside:,} set aside"


def tally(decisions: Sequence[Decision], total: int) -> str:
    """Count decisions in words, such as "5 of 24 decided: 2 kept, 2 relabeled, 1 set aside".

    Args:
        decisions: At most one per picture.
        total: Number of pictures to decide about.
    """
    counts = Counter(decision.action for decision in decisions)
    parts = [f"{counts[action]} {done}" for action, done in ACTIONS.items() if counts[action]]
    return f"{len(decisions)} of {total} decided" + (": " if parts else "") + ", ".join(parts)


def apply_decisions(
    folder: str | os.PathLike, decisions: Iterable[Decision], copy: str | os.PathLike
) -> Cleaned:
    """Copy a data set into a new folder and apply the decisions there; all of it or nothing.

    Only the files that `emolib.data.scan` lists are copied: no hidden files, and none outside the
    class folders. A relabeled file goes to its new class in the same split, under a new name
    ("7-2.png") if its own is taken. Files set aside go to a folder beside the copy, so that they
    are not mistaken for a class: `clean-aside/train/happy/7.png` for a copy named `clean`.

    Args:
        folder: A data set's folder, as `emolib.data.scan` takes it.
        decisions: If there are several about one file, the last one counts; files without any
            are kept.
        copy: The folder to fill; new or empty, and outside the data set.

    Returns:
        The copy's folder, and how many files went where.

    Raises:
        DataError: The folder is not a data set, the copy's folder cannot be used, or a decision is
            about a file that is not in the data set (any more) or a class that it does not have.
    """
    folder = Path(folder)
    copy = Path(os.path.abspath(copy))
    aside = copy.parent / f"{copy.name}-aside"
    files = files_in(folder)
    for place in (copy, aside):
        _require_new_folder_outside(folder, place)
    decided = _by_path(decisions, files, folder)
    moved = _new_places(files, decided, folder)
    left_out = {path for path, decision in decided.items() if decision.action == "set aside"}
    targets = {}
    for path, *_ in files:
        own = path.relative_to(folder)
        targets[path] = aside / own if path in left_out else copy / moved.get(path, own)
    _copy(targets, copy)
    kept = len(files) - len(moved) - len(left_out)
    return Cleaned(copy, aside if left_out else None, kept, len(moved), len(left_out))


def _require_new_folder_outside(folder: Path, place: Path) -> None:
    inner = place.resolve()
    outer = folder.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise DataError(f"{place} is inside {folder} or contains it: give a folder elsewhere.")
    require_new_folder(place, DataError)


def _by_path(
    decisions: Iterable[Decision], files: list[File], folder: Path
) -> dict[Path, Decision]:
    """Return {path as listed: its decision}."""
    known = {os.path.abspath(path): path for path, *_ in files}
    classes = class_names_in(folder)
    decided = {}
    for decision in decisions:
        if not isinstance(decision.file, str | os.PathLike):
            raise DataError(
                f"Row {decision.file} is not a file to copy: evaluate with files= and decide again."
            )
        path = known.get(os.path.abspath(decision.file))
        if path is None:
            raise DataError(f"{decision.file} is not in {folder}, or is gone: evaluate again.")
        if decision.label is not None and decision.label not in classes:
            raise DataError(f"{folder} has no class folder {decision.label}: create it first.")
        decided[path] = decision
    return decided


def _new_places(
    files: list[File], decided: Mapping[Path, Decision], folder: Path
) -> dict[Path, Path]:
    """Return {path: its place in the copy} of the files that change their class."""
    places = {}
    # casefold, because to some disks A.png and a.png are one file
    taken = {str(path.relative_to(folder)).casefold() for path, *_ in files}
    for path, class_name, split in files:
        label = decided[path].label if path in decided else None
        if label in (None, class_name):
            continue
        parts = list(path.relative_to(folder).parts)
        parts[0 if split is None else 1] = label
        wanted = place = Path(*parts)
        number = 1
        while str(place).casefold() in taken:
            number += 1
            place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        taken.add(str(place).casefold())
        places[path] = place
    return places


def _copy(targets: Mapping[Path, Path], copy: Path) -> None:
    """Copy files into the copy and the folder beside it; all of them or none."""
    try:
        with new_folders(copy.parent) as scratch:
            (scratch / copy.name).mkdir()  # even if all files are set aside
            for path, target in targets.items():
                place = scratch / target.relative_to(copy.parent)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
    except OSError as error:
        raise DataError(
            f"The data set cannot be copied to {copy} ({error.strerror}): check the disk and the "
            "folder, and try again."
        ) from None
