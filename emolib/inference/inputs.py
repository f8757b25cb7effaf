"""Turn command-line arguments into photos to classify, or sentences that say why not."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files import DEAD_LINK, LOCKED, Listing, is_hidden, walk_files
from ..images import ImageError, is_picture, one_line, why_no_file

NAMED = 3  # how many paths a note names; it counts the others


@dataclass(frozen=True)
class Found:
    """What a command line names.

    Attributes:
        photos: Paths of the photos, and words that name none: each of those gets a sentence as its
            answer.
        notes: Sentences about what was left out.
        complete: Whether everything was searched that may hold photos.
    """

    photos: list[str]
    notes: list[str] = field(default_factory=list)
    complete: bool = True


def photos_in(words: Sequence[str], without: Path | None = None) -> Found:
    """List the photos that a command line names.

    Args:
        words: Files, folders to search for pictures, and patterns such as *.jpg, which Windows
            leaves to the program.
        without: The folder that will be written to. It is not searched.

    Returns:
        The files as named, and the pictures in the folders, sorted.

    Raises:
        ImageError: There is not a single photo.
    """
    photos: list[str] = []
    empty: list[str] = []
    left_out: dict[Path, str] = {}
    for word in words:
        exists = os.path.lexists(word)
        if not os.path.isdir(word) and (exists or not glob.has_magic(word) or why_no_file(word)):
            photos.append(word)
            continue
        listing = _search([word] if exists else _matches(word), without)
        # a pattern with ** matches both a folder and the files in it
        photos += dict.fromkeys(map(os.fspath, listing.files))
        left_out.update(listing.problems)
        if not listing.files and not listing.problems:
            reason = f"{one_line(word)} {'holds' if exists else 'matches'} no pictures"
            empty.append(f"{reason}: give a photo, or a folder of photos.")
    notes = [*_notes(left_out), *empty]
    if not photos:
        nothing = [] if empty else ["No photo is left: name a different folder."]
        raise ImageError("\n".join([*notes, *nothing]))
    return Found(photos, notes, not empty and not {LOCKED, DEAD_LINK} & set(left_out.values()))


def _matches(pattern: str) -> list[str]:
    """Return what a pattern matches, sorted, without what is hidden."""
    typed = Path(pattern).parts
    return [
        path
        for path in sorted(glob.glob(pattern, recursive=True))
        if not any(is_hidden(part) for part in Path(path).parts if part not in typed)
    ]


def _search(places: Sequence[str], without: Path | None) -> Listing:
    """List files, and the pictures in folders, but nothing in the folder `without`."""
    found = Listing([], [], [], [])
    for place in map(Path, places):
        inside = Listing([], [place], [], [])
        if place.is_dir():
            inside = walk_files(place)
        found.problems.extend(inside.problems)
        paths = [path for path in inside.files if path == place or is_picture(path)]
        for folder in (place if place.is_dir() else place.parent, *inside.folders):
            if without and without.is_dir() and folder.samefile(without):
                found.problems.append((folder, "the folder for the results"))
                paths = [path for path in paths if not path.is_relative_to(folder)]
        found.files.extend(paths)
    return found


def _notes(left_out: dict[Path, str]) -> Iterator[str]:
    """Return one sentence per reason, with the first few paths."""
    for reason in dict.fromkeys(left_out.values()):
        names = [str(path) for path, why in left_out.items() if why == reason]
        more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
        yield f"Left out {reason} ({one_line(', '.join([*names[:NAMED], *more]))})."
