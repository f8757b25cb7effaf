"""Where the course's files are, no matter where a notebook runs.

It may run in `notebooks/`, in the course's own folder, or in Colab's `/content` with a clone of the
course.
"""

from __future__ import annotations

import os
from pathlib import Path

CLONE = "course"  # the folder that the setup cell clones into
RENDERED = 1200  # faces in data/rendered


def course_dir() -> Path:
    """Return the course's folder, the one that contains `data/`, `models/` and `notebooks/`.

    It is the working directory, a folder above it, a clone below it, or the folder that emolib was
    installed from with `-e`. If the course is in none of these, it is the working directory.

    Returns:
        A path, relative to the working directory if possible.
    """
    above = [Path(*[".."] * steps) for steps in range(len(Path.cwd().parents) + 1)]
    source = Path(__file__).parents[2]
    return next(filter(_is_course, [*above, Path(CLONE), source]), Path())


def _is_course(place: Path) -> bool:
    try:
        return 'name = "emolib"' in (place / "pyproject.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def folder(dataset: str | os.PathLike) -> Path:
    """Return the folder of a data set, which contains one folder per class.

    Args:
        dataset: "rendered" for the course's 1,200 rendered faces, which are rendered again if they
            are missing; "fer2013" for photographs, which are downloaded once; or the path of a
            folder or zip, such as "data/mine", relative to the working directory or the course's
            folder.

    Returns:
        The folder that contains the class folders, or `train/` and `test/`.

    Raises:
        DataError: There is no such folder or zip, or FER2013 cannot be downloaded.
    """
    from .. import data

    if dataset == "rendered":
        place = course_dir() / "data" / "rendered"
        if not _has_pictures(place):
            from ..rendering import render_faces

            print(f"The rendered faces are missing: making {RENDERED:,} again, in a minute or two.")
            render_faces(place, n=RENDERED, seed=0, progress=True)
        return place
    if dataset == "drawn":
        raise data.DataError('There are no longer any drawn faces: write "rendered" instead.')
    if dataset == "fer2013":
        place = course_dir() / "data" / "fer2013"
        return place if (place / "train").is_dir() else data.download_fer2013(place)
    there = course_dir() / dataset
    return data.open_folder(there if there.exists() else dataset)


def _has_pictures(place: Path) -> bool:
    return any(place.glob("*/*.png"))


def models_dir(create: bool = True) -> Path:
    """Return the folder for the reader's own models.

    It is the course's `models/`. On a hub, or if the course belongs to someone else, it is
    `emolib/models` in the reader's home folder, so that no learner overwrites another learner's
    network. The environment variable EMOLIB_MODELS overrides both.

    Args:
        create: Create the folder if it is missing.

    Returns:
        A path, relative to the working directory if it is the course's.

    Raises:
        OSError: The folder cannot be created.
    """
    named = os.environ.get("EMOLIB_MODELS")
    folder = Path(named).expanduser() if named else _own_place() / "models"
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def copies_dir() -> Path:
    """Return the folder for the reader's own copies of the notebooks, which git ignores.

    It is the course's `my_course/` or, on a hub or if the course belongs to someone else,
    `emolib/my_course` in the reader's home folder. It may not exist yet.
    """
    return _own_place() / "my_course"


def _own_place() -> Path:
    """Return where the reader's files go: the course's folder, unless it is shared."""
    if "JUPYTERHUB_USER" in os.environ or not _is_mine(course_dir()):
        return Path.home() / "emolib"
    return course_dir()


def _is_mine(place: Path) -> bool:
    """Return whether a folder belongs to the reader; for an administrator, every folder does."""
    if hasattr(os, "getuid") and os.getuid() not in (0, place.stat().st_uid):
        return False
    return os.access(place, os.W_OK)


def display_path(place: Path) -> str:
    """Return a path as seen from here, without a full path of this machine."""
    if not place.is_absolute():
        return place.as_posix()
    if place.is_relative_to(Path.home()):
        return f"~/{place.relative_to(Path.home()).as_posix()}"
    return f"{place.parent.name}/{place.name}"
