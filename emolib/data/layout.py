"""Which folders of a data set are classes and which are splits, and what is in neither."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from ..errors import EmolibError
from ..files import LOCKED, Listing, list_folder, walk_files
from ..images import is_picture
from .origins import printable, shown_name

# words in the names of the folders of a data set that is already split
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "eval": "validation",
    "evaluation": "validation",
    "publictest": "validation",
    "test": "test",
    "testing": "test",
    "testset": "test",
    "privatetest": "test",
}
# a word of a CamelCase or any other name: capitals in a row, or small letters after one at most
WORD = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")
# reasons to skip something, besides those of `emolib.files.Listing`
NO_CLASS = "pictures in no class folder"
NO_PICTURE = "files that cannot be opened as pictures"
COPIES = "extra copies of pictures, and pictures in two classes"
# (path, class name, split)
File = tuple[Path, str, str | None]


class DataError(EmolibError):
    """A folder of pictures cannot be used as it is; the message says why."""


@dataclass(frozen=True)
class Skipped:
    """Something in a data set's folder that is not used.

    Attributes:
        path: A file or folder.
        reason: What it is, in the plural: "pictures in no class folder", "links that lead
            nowhere", ...
        count: Number of such pictures directly in a folder; None for anything else.
    """

    path: Path
    reason: str
    count: int | None = None


class Contents(NamedTuple):
    """What is in a data set's folder.

    Attributes:
        class_names: Sorted names of the class folders that were asked for.
        files: Their files, as (path, class name, split).
        skipped: What is in no class folder, or cannot be listed.
        hidden: Number of hidden files.
    """

    class_names: list[str]
    files: list[File]
    skipped: tuple[Skipped, ...]
    hidden: int


def split_name(name: str) -> str | None:
    """Return which split a folder's name refers to, if any.

    Only whole words count: "FER2013Train", "test_set" and "val2" name splits, "contest"
    does not.

    Args:
        name: The name of a folder.

    Returns:
        "train", "validation", "test" or None. FER2013's "PublicTest" is a validation set.
    """
    words = " ".join(WORD.findall(name)).lower()
    words = re.sub(r"\b(public|private) test\b", r"\1test", words)
    found = {SPLIT_FOLDERS[word] for word in words.split() if word in SPLIT_FOLDERS}
    return found.pop() if len(found) == 1 else None


def contents(folder: str | os.PathLike, classes: Iterable[str] | None = None) -> Contents:
    """List a data set's files, and what is skipped, without opening a picture.

    Args:
        folder: The data set's folder, as in `emolib.data.scan`.
        classes: Names of the class folders to keep; all by default.

    Raises:
        DataError: As in `emolib.data.scan`.
    """
    folder = Path(folder)
    layout = _layout(folder)
    there = layout.class_names()
    names = there if classes is None else [normalize("NFC", name) for name in classes]
    missing = [name for name in names if name not in there]
    if missing:
        raise DataError(
            f"{shown_name(folder)} has no class folder {_listed(missing)}: it has {_listed(there)}."
        )
    files: list[File] = []
    for place, name, split in layout.classes:
        if name in names:
            for path in layout.note(walk_files(place), place):
                official = split == "test" and path.name.startswith("PublicTest_")
                files.append((path, name, "validation" if official else split))
    if not files:
        raise DataError(
            f"{shown_name(folder)} has no files in its class folders: put pictures into them."
        )
    loose = Counter(path.parent for path in layout.loose if is_picture(path))
    skipped = [Skipped(path, NO_CLASS, n) for path, n in loose.items()]
    skipped += [Skipped(path, reason) for path, reason in layout.problems]
    return Contents(sorted(set(names)), files, tuple(skipped), len(layout.hidden))


def files_in(folder: str | os.PathLike, classes: Iterable[str] | None = None) -> list[File]:
    """List a data set's files as (path, class name, split), without opening a picture.

    Args:
        folder: The data set's folder, as in `scan`.
        classes: Names of the class folders to keep; all by default.

    Raises:
        DataError: As in `scan`.
    """
    return contents(folder, classes).files


def class_names_in(folder: str | os.PathLike) -> list[str]:
    """Return the sorted names of a data set's class folders, without reading a picture."""
    return _layout(Path(folder)).class_names()


def skipped_lines(skipped: Sequence[Skipped], folder: Path) -> list[str]:
    """Return one sentence per reason, with up to three names relative to the data set's folder."""
    places = defaultdict(list)
    for one in skipped:
        inside = printable(one.path.relative_to(folder).as_posix())
        name = "the folder itself" if inside == "." else inside
        places[one.reason].append(name if one.count is None else f"{name} ({one.count:,})")
    lines = []
    for reason, names in places.items():
        more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
        lines.append(f"Left out {reason}: {', '.join(names[:3])}{more}.")
    return lines


class _Layout(NamedTuple):
    """How a data set's folder is laid out; `loose` holds the visible files in no class folder."""

    classes: list[File]
    loose: list[Path]
    hidden: list[Path]
    problems: list[tuple[Path, str]]

    def class_names(self) -> list[str]:
        return sorted({name for _, name, _ in self.classes})

    def add_classes(self, folders: Iterable[Path], split: str | None) -> None:
        # how a disk spells accents makes no difference
        self.classes.extend((path, normalize("NFC", path.name), split) for path in folders)

    def note(self, inside: Listing, needed: Path | None = None) -> list[Path]:
        """Record what is hidden or cannot be listed, and return the files.

        Args:
            inside: What is in a folder.
            needed: A folder without which the data set cannot be used.
        """
        if needed and (needed, LOCKED) in inside.problems:
            raise DataError(f"{shown_name(needed)} cannot be read: check its permissions.")
        self.hidden.extend(inside.hidden)
        self.problems.extend(inside.problems)
        return inside.files


def _layout(folder: Path) -> _Layout:
    """Find the class folders, at the top and in folders that are named after splits."""
    if not folder.is_dir():
        raise DataError(
            f"{shown_name(folder)} is not a folder: give the folder that has one folder per class."
        )
    found = _Layout([], [], [], [])
    plain = []
    for path in _level(found, folder):
        split = split_name(path.name)
        if split:
            found.add_classes(_level(found, path), split)
        else:
            plain.append(path)
    if any(split == "train" for _, _, split in found.classes):
        for path in plain:
            found.loose.extend(found.note(walk_files(path)))
    else:
        _require_classes(plain, folder)
        found.add_classes(plain, None)
    if not found.classes:
        raise DataError(
            f"{shown_name(folder)} has no class folders: put each class's pictures into its own "
            "folder, such as happy/ and sad/."
        )
    return found


def _require_classes(places: Sequence[Path], folder: Path) -> None:
    """Refuse folders that hold nothing but folders with the same names: those are the classes."""
    inside = [list_folder(place) for place in places]
    names = [sorted(path.name for path in listing.folders) for listing in inside]
    pictures = any(is_picture(path) for listing in inside for path in listing.files)
    if len(places) > 1 and names[0] and not pictures and all(n == names[0] for n in names):
        raise DataError(
            f"{_listed([place.name for place in places])} in {shown_name(folder)} hold only "
            f"folders with the same names ({_listed(names[0])}): name them train and test if they "
            "are splits, or put all pictures of a class into one folder."
        )


def _level(found: _Layout, folder: Path) -> list[Path]:
    """Record what is not in a class or split folder; return the folders that may be one."""
    inside = list_folder(folder)
    # hidden folders count as their files
    within = [file for path in inside.hidden for file in (path, *path.rglob("*"))]
    inside = inside._replace(hidden=[path for path in within if not path.is_dir()])
    found.loose.extend(found.note(inside, folder))
    for path in inside.folders:
        if path.name.startswith("_"):
            found.loose.extend(found.note(walk_files(path)))
    return [path for path in inside.folders if not path.name.startswith("_")]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(printable, names[:10]))
    return shown + (" and more" if len(names) > 10 else "")
