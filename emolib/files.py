"""List folders completely, except for hidden files, and write files safely.

None of the user's files is overwritten, and no file is left half written.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .errors import EmolibError

# folders that systems and servers create for themselves: thumbnails, trash, snapshots
HIDDEN_NAMES = {
    "__macosx",
    "@eadir",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "lost+found",
}
LOCKED = "folders that cannot be read"
DEAD_LINK = "links that lead nowhere"
CIRCLE = "links that lead back to a folder above them"
SPECIAL = "pipes, sockets and devices"


def require_new_folder(folder: Path, error: type[EmolibError] = EmolibError) -> None:
    """Check that a folder does not exist yet or is empty.

    Args:
        folder: The folder to fill.
        error: The exception to raise.

    Raises:
        EmolibError: The folder is not empty, or it is not a folder.
    """
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise error(f"{folder} is not empty: give the name of a new folder.")


def replace_file(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file under a temporary name, then rename it in one step.

    If `write` raises, the old file stays as it is.

    Args:
        path: The file to write or replace.
        write: Called with the path to write to, in the same folder and with the same suffix.
    """
    temporary = path.with_name(f".partial-{path.name}")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folders(parent: Path) -> Iterator[Path]:
    """Fill new folders that appear together when they are complete, or not at all.

    Args:
        parent: The folder to put them in; created if missing.

    Yields:
        A scratch folder inside `parent`. At the end, everything in it moves up into `parent`, where
        it may replace empty folders.

    Raises:
        EmolibError: `parent` contains something with the same name that is not an empty folder.
        OSError: The disk is full, or a folder is not writable.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=parent) as scratch:
        yield Path(scratch)
        made = sorted(Path(scratch).iterdir())
        for folder in made:
            require_new_folder(parent / folder.name)
        for folder in made:
            if (parent / folder.name).is_dir():
                (parent / folder.name).rmdir()  # Windows cannot rename onto an empty folder
            folder.rename(parent / folder.name)


@contextmanager
def new_file(path: Path, error: type[EmolibError] = EmolibError) -> Iterator[Path]:
    """Fill a file that appears under its name when it is complete, or not at all.

    Args:
        path: A name that is not taken.
        error: The exception to raise.

    Yields:
        The path to write to: an empty file in the same folder. Close it before the block ends.

    Raises:
        EmolibError: The file exists, perhaps since a moment ago, or it cannot be written.
    """
    taken = error(f"{path} already exists: give the name of a new file.")
    if os.path.lexists(path):
        raise taken
    part = path.with_name(f".partial-{uuid.uuid4().hex}")
    try:
        part.touch()
    except OSError as problem:
        raise error(f"{path} cannot be written: {problem.strerror}.") from None
    try:
        yield part
        take_name(part, path, taken)
    finally:
        part.unlink(missing_ok=True)


def take_name(part: Path, path: Path, taken: Exception) -> None:
    """Give a finished file its name, or raise `taken` if there is a file of that name by now."""
    try:
        path.touch(exist_ok=False)  # takes the name, or fails
    except FileExistsError:
        raise taken from None
    os.replace(part, path)


FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet evaluates a cell that begins with these


def plain_cell(value: Any) -> Any:
    """Return a table's cell so that a spreadsheet shows it instead of evaluating it.

    Args:
        value: What the cell holds; only text changes.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class Listing(NamedTuple):
    """What is in a folder.

    Attributes:
        folders: The visible folders.
        files: The visible files.
        hidden: What is hidden; see `list_folder` and `walk_files`.
        problems: (path, reason) of each thing that cannot be listed; the reasons are `LOCKED`,
            `DEAD_LINK`, `CIRCLE` and `SPECIAL`.
    """

    folders: list[Path]
    files: list[Path]
    hidden: list[Path]
    problems: list[tuple[Path, str]]


def is_hidden(name: str) -> bool:
    """Return whether a file or folder with this name is hidden or made by the system.

    Args:
        name: The name without the folders above it.
    """
    return name.startswith(".") or name.lower() in HIDDEN_NAMES


def list_folder(folder: Path) -> Listing:
    """List one folder, sorted by name; links count as what they point to.

    Args:
        folder: The folder.

    Returns:
        What is directly in it; `hidden` holds hidden files and hidden folders.
    """
    found = Listing([], [], [], [])
    try:
        with os.scandir(folder) as scan:
            paths = sorted(folder / entry.name for entry in scan)
    except OSError:
        found.problems.append((folder, LOCKED))
        return found
    for path in paths:
        if is_hidden(path.name):
            found.hidden.append(path)
        elif os.path.isdir(path):
            found.folders.append(path)
        elif os.path.isfile(path):
            found.files.append(path)
        else:
            found.problems.append((path, DEAD_LINK if path.is_symlink() else SPECIAL))
    return found


def walk_files(folder: Path) -> Listing:
    """List everything in a folder and its subfolders, sorted by path; links are followed.

    Each folder is listed once, by its own path rather than a link's. Links that lead back to a
    folder above them are not followed.

    Args:
        folder: The folder.

    Returns:
        What it contains at any depth; `hidden` holds the hidden files and the files in hidden
        folders.
    """
    found = Listing([], [], [], [])
    waiting = deque([folder])
    seen: set[str] = set()
    while waiting:
        here = waiting.popleft()
        real = os.path.realpath(here)
        if real in seen:
            continue
        seen.add(real)
        inside = list_folder(here)
        found.files.extend(inside.files)
        found.problems.extend(inside.problems)
        found.hidden.extend(files_within(inside.hidden))
        for path in inside.folders:
            if Path(real).is_relative_to(os.path.realpath(path)):
                found.problems.append((path, CIRCLE))
                continue
            found.folders.append(path)
            # links last: a folder is listed by its own path if it has one
            (waiting.append if path.is_symlink() else waiting.appendleft)(path)
    for paths in found:
        paths.sort()
    return found


def files_within(paths: Iterable[Path]) -> list[Path]:
    """Return the files given and the files in the folders given; links are not followed.

    Args:
        paths: Files and folders, such as hidden ones.
    """
    files = []
    for path in paths:
        if path.is_symlink() or not path.is_dir():
            files.append(path)
        else:
            files += [Path(here, name) for here, _, names in os.walk(path) for name in names]
    return files
