"""Wrong labels are fixed in a copy of a data set; the data set itself stays as it is.

    >>> done = apply_decisions("data/mine", [Decision("data/mine/happy/7.png", "relabel", "sad")],
    ...                        "data/clean")

Which labels to doubt, `emolib.evaluate` says; `emolib.widgets.label_cleaner` asks eyes. Notebook 01
goes through it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .dataset import DataError, class_names_in, files_in

# what can be decided about a picture, and how it is called when it is done
ACTIONS = {"keep": "kept", "relabel": "relabelled", "set aside": "set aside"}
# (path, class name, split), as `files_in` lists them
File = tuple[Path, str, str | None]


@dataclass(frozen=True)
class Decision:
    """What is to become of one picture.

    Attributes:
        file: Its path; or its row number, where the pictures are arrays.
        action: "keep", "relabel" or "set aside".
        label: The class to file it under, for "relabel"; otherwise None.

    Raises:
        DataError: Another action, or a class too many or too few.
    """

    file: str | os.PathLike | int
    action: str
    label: str | None = None

    def __post_init__(self):
        """Check that action and label go together."""
        if self.action not in ACTIONS:
            raise DataError(f"{self.action!r} is no decision: give one of {', '.join(ACTIONS)}.")
        if (self.action == "relabel") != (self.label is not None):
            raise DataError('Give the class to file a picture under with "relabel", and only then.')


@dataclass(frozen=True)
class Cleaned:
    """What `apply_decisions` made.

    Attributes:
        folder: The copy.
        aside: The folder with the pictures set aside, or None where there are none.
        kept: Files under their old class, undecided ones among them.
        relabelled: Files under another class.
        set_aside: Files in `aside`.
    """

    folder: Path
    aside: Path | None
    kept: int
    relabelled: int
    set_aside: int

    def __str__(self) -> str:
        """Return the counts in words."""
        counts = f"{self.kept:,} kept, {self.relabelled:,} relabelled"
        return f"{counts}, {self.set_aside:,} set aside"


def tally(decisions: Sequence[Decision], total: int) -> str:
    """Count decisions in words, such as "5 of 24 decided: 2 kept, 2 relabelled, 1 set aside".

    Args:
        decisions: At most one a picture.
        total: How many pictures there are to decide about.
    """
    counts = Counter(decision.action for decision in decisions)
    parts = [f"{counts[action]} {done}" for action, done in ACTIONS.items() if counts[action]]
    return f"{len(decisions)} of {total} decided" + (": " if parts else "") + ", ".join(parts)


def apply_decisions(
    folder: str | os.PathLike, decisions: Iterable[Decision], copy: str | os.PathLike
) -> Cleaned:
    """Copy a data set into a new folder, as decided; all of it or nothing.

    The files that `emolib.data.scan` lists are copied; what stands beside the class folders and
    hidden files are not. A relabelled file goes to its new class in the same split, under a new
    name ("7-2.png") where its own is taken. Files set aside go beside the copy, so that nothing
    takes them for a class: `clean-aside/train/happy/7.png` for a copy named `clean`.

    Args:
        folder: A data set's folder, as `emolib.data.scan` takes it.
        decisions: Of several about one file the last counts; files without any are kept.
        copy: The folder to fill; new or empty, and not in the data set.

    Returns:
        Where the copy is, and how many files went where.

    Raises:
        DataError: No data set, a copy's folder that cannot be used, a decision about a file that
            is not in the data set (any more) or for a class that it does not have.
    """
    folder, copy = Path(folder), Path(os.path.abspath(copy))
    aside = copy.parent / f"{copy.name}-aside"
    files = files_in(folder)
    for place in (copy, aside):
        _check_new(place, folder)
    decided = _by_path(decisions, files, folder)
    moved = _new_places(files, decided, folder)
    left_out = {path for path, decision in decided.items() if decision.action == "set aside"}
    jobs = {}
    for path, *_ in files:
        own = path.relative_to(folder)
        jobs[path] = aside / own if path in left_out else copy / moved.get(path, own)
    _copy(jobs, copy)
    kept = len(files) - len(moved) - len(left_out)
    return Cleaned(copy, aside if left_out else None, kept, len(moved), len(left_out))


def _check_new(place: Path, folder: Path) -> None:
    there, whole = place.resolve(), folder.resolve()
    if there.is_relative_to(whole) or whole.is_relative_to(there):
        raise DataError(f"{place} lies in {folder} or around it: give a folder elsewhere.")
    if os.path.lexists(place) and not (place.is_dir() and not any(place.iterdir())):
        raise DataError(f"{place} is not empty: give a new folder.")


def _by_path(
    decisions: Iterable[Decision], files: list[File], folder: Path
) -> dict[Path, Decision]:
    """Return {path as listed: its decision}."""
    known = {os.path.abspath(path): path for path, *_ in files}
    classes, decided = class_names_in(folder), {}
    for decision in decisions:
        if not isinstance(decision.file, str | os.PathLike):
            raise DataError(
                f"Row {decision.file} is no file to copy: evaluate with files=, and decide again."
            )
        path = known.get(os.path.abspath(decision.file))
        if path is None:
            raise DataError(f"{decision.file} is not in {folder}, or has gone: evaluate again.")
        if decision.label is not None and decision.label not in classes:
            raise DataError(f"{folder} has no class folder {decision.label}: make it first.")
        decided[path] = decision
    return decided


def _new_places(
    files: list[File], decided: Mapping[Path, Decision], folder: Path
) -> dict[Path, Path]:
    """Return {path: its place in the copy} of the files that change their class."""
    places = {}
    # small letters, because some disks take A.png and a.png for one file
    taken = {str(path.relative_to(folder)).casefold() for path, *_ in files}
    for path, class_name, split in files:
        label = decided[path].label if path in decided else None
        if label in (None, class_name):
            continue
        above, inside = path.relative_to(folder).parts, 1 if split is None else 2
        wanted = place = Path(*above[: inside - 1], label, *above[inside:])
        number = 1
        while str(place).casefold() in taken:
            number += 1
            place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        taken.add(str(place).casefold())
        places[path] = place
    return places


def _copy(jobs: dict[Path, Path], copy: Path) -> None:
    """Copy into a folder beside the copy first and rename at the end."""
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=copy.parent) as scratch:
            Path(scratch, copy.name).mkdir()
            for old, new in jobs.items():
                new = scratch / new.relative_to(copy.parent)
                new.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(old, new)
            for made in sorted(Path(scratch).iterdir()):
                place = copy.parent / made.name
                if place.is_dir():
                    place.rmdir()  # Windows renames onto nothing
                made.rename(place)
    except OSError as error:
        raise DataError(
            f"The data set cannot be copied to {copy} ({error.strerror}): check the disk and the "
            "folder, and try again."
        ) from None
