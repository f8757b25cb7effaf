"""Nothing of the user's is overwritten, and nothing is ever left half written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import EmolibError


def require_new_folder(folder: Path, error: type[EmolibError] = EmolibError) -> None:
    """Check that a folder does not exist yet, or is empty.

    Args:
        folder: The folder to fill.
        error: What to raise.

    Raises:
        EmolibError: There is something in it, or a file has its name.
    """
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise error(f"{folder} is not empty: give the name of a new folder.")


def replace_file(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file beside its place, then move it there in one step.

    Args:
        path: The file to write or replace.
        write: Called with the path to write to, which has the same suffix.
    """
    temporary = path.with_name(f"new_{path.name}")
    write(temporary)
    os.replace(temporary, path)


@contextmanager
def new_folders(parent: Path) -> Iterator[Path]:
    """Fill folders that appear when all of them are complete, or not at all.

    Args:
        parent: Where they go; made if missing.

    Yields:
        A scratch folder inside `parent`. What it holds at the end moves up into `parent`, where
        an empty folder of the same name gives way.

    Raises:
        OSError: The disk is full, or a folder may not be written.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=parent) as scratch:
        yield Path(scratch)
        for made in sorted(Path(scratch).iterdir()):
            place = parent / made.name
            if place.is_dir():
                place.rmdir()  # Windows does not rename onto an empty folder
            made.rename(place)
