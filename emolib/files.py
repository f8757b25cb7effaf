"""Writing without harm: nothing of the user's is overwritten, and nothing is left half written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import EmolibError


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
    """Write a file under a temporary name, then give it its own name in one step.

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
        EmolibError: `parent` has something of the same name that is not an empty folder.
        OSError: The disk is full, or a folder is not writable.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=parent) as scratch:
        yield Path(scratch)
        places = {made: parent / made.name for made in sorted(Path(scratch).iterdir())}
        for place in places.values():
            require_new_folder(place)
        for made, place in places.items():
            if place.is_dir():
                place.rmdir()  # Windows cannot rename onto an empty folder
            made.rename(place)
