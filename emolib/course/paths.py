"""Where the course's files are, wherever a notebook runs.

Found from `notebooks/`, the course's own folder, or Colab's `/content` with the course cloned into
it.
"""

from __future__ import annotations

import os
from pathlib import Path

CLONE = "course"  # the folder that the set-up cell clones into
DRAWN = 1200  # faces in data/drawn


def course_dir() -> Path:
    """Return the course's folder, the one with `data/`, `models/` and `notebooks/` in it.

    Looked for at the working directory, above it, in a clone below it, and around an emolib that
    was installed with `-e`. Where the course is nowhere, the working directory stands for it.

    Returns:
        A path, relative to the working directory if it can be.
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
    """Return the folder of a data set, with one folder a class in it.

    Args:
        dataset: "drawn": the course's 1,200 drawn faces, drawn anew where they are missing.
            "fer2013": photographs, downloaded once. Anything else: the path of a folder or zip,
            seen from here or from the course's folder, such as "data/mine".

    Returns:
        The folder that holds the class folders, or `train/` and `test/`.

    Raises:
        DataError: No such folder or zip, or FER2013 cannot be downloaded.
    """
    from .. import data

    if dataset == "drawn":
        place = course_dir() / "data" / "drawn"
        if not _has_pictures(place):
            from ..drawing import draw_faces

            print(f"The drawn faces are missing: {DRAWN:,} are drawn anew, in less than a minute.")
            draw_faces(place, n=DRAWN, seed=0)
        return place
    if dataset == "fer2013":
        place = course_dir() / "data" / "fer2013"
        return place if place.is_dir() else data.download_fer2013(place)
    there = course_dir() / dataset
    return data.open_folder(there if there.exists() else dataset)


def _has_pictures(place: Path) -> bool:
    return any(place.glob("*/*.png"))


def models_dir(create: bool = True) -> Path:
    """Return the folder for the reader's own models.

    The course's `models/`. On a hub, and where the course belongs to somebody else, it is
    `emolib/models` in the reader's home folder, so that no learner overwrites another's network.
    The environment variable EMOLIB_MODELS names any other.

    Args:
        create: Make the folder where it is missing.

    Returns:
        A path, relative to the working directory if it is the course's.

    Raises:
        OSError: It cannot be made.
    """
    named = os.environ.get("EMOLIB_MODELS")
    if named:
        folder = Path(named).expanduser()
    elif "JUPYTERHUB_USER" in os.environ or not _is_mine(course_dir()):
        folder = Path.home() / "emolib" / "models"
    else:
        folder = course_dir() / "models"
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_mine(place: Path) -> bool:
    """Say whether a folder is the reader's; to an administrator, each folder is."""
    if hasattr(os, "getuid") and os.getuid() not in (0, place.stat().st_uid):
        return False
    return os.access(place, os.W_OK)


def display_path(place: Path) -> str:
    """Write a place as seen from here, without a whole machine path."""
    if not place.is_absolute():
        return place.as_posix()
    if place.is_relative_to(Path.home()):
        return f"~/{place.relative_to(Path.home()).as_posix()}"
    return f"{place.parent.name}/{place.name}"
