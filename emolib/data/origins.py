"""The name of a folder in messages: an unpacked archive keeps its own name."""

from __future__ import annotations

import os
from pathlib import Path

# {temporary folder: the archive that was unpacked into it}
ARCHIVES: dict[Path, Path] = {}


def shown_name(path: str | os.PathLike) -> str:
    """Return the name of a file or folder in messages.

    Args:
        path: Any path; what was unpacked by `open_folder` is named by its archive.

    Returns:
        The path on one line, with "?" for what cannot be printed.
    """
    path = Path(os.fsdecode(path))
    for place in (path, *path.parents):
        if place in ARCHIVES:
            path = ARCHIVES[place] / path.relative_to(place)
            break
    return printable(str(path))


def printable(text: str) -> str:
    """Return a text on one line, with "?" for what cannot be printed."""
    return "".join(c if c.isprintable() else "?" for c in text)
