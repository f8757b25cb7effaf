"""FER+: what ten people say about each picture of FER2013."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import numpy as np

from .dataset import Dataset, Row
from .layout import DataError
from .origins import shown_name

FERPLUS_EMOTIONS = (
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"),
    *("unknown", "NF"),  # the last: not a face
)
COLUMNS = ("file", "row", *FERPLUS_EMOTIONS)
NO_VOTES = [0] * len(FERPLUS_EMOTIONS)
PEOPLE = 10
FILE = Path("data", "ferplus_votes.csv")
CLONE = Path("course")  # the folder that the notebooks' setup cell clones into, on Colab
SOURCE = Path(__file__).parents[2]  # the course's folder, if emolib runs from there
# two pictures share each of these names; the file lists them in the order of their class folders
SHARED_NAMES = {
    "Training_52789098.jpg": ("neutral", "surprise"),
    "Training_8475486.jpg": ("angry", "surprise"),
}
# a file that `download_fer2013` wrote from the CSV file; Kaggle's own files are JPEG
FROM_CSV = re.compile(r"(?:Training|PublicTest|PrivateTest)_(\d{6})\.png")
# votes by file name, by class and file name, or by row of fer2013.csv
Table = dict[str | int, list[int]]


def ferplus_votes(dataset: Dataset, path: str | os.PathLike | None = None) -> np.ndarray:
    """Return ten people's votes for each picture of FER2013.

    Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
    Label Distribution", 2016, arXiv:1608.01041. Pictures are found by their file name in Kaggle's
    folders, or by the row in the name of the files that `download_fer2013` writes from the CSV
    file.

    Args:
        dataset: A scanned FER2013 folder, or part of it.
        path: The CSV file with the votes; by default, `data/ferplus_votes.csv` of the course.

    Returns:
        int array (len(dataset.rows), 10): how many people chose each of `FERPLUS_EMOTIONS`, 0-10.
        Row i belongs to `dataset.rows[i]`. A picture without votes in the file gets zeros, like the
        177 that FER+ leaves out.

    Raises:
        DataError: The file is missing or damaged, or has none of these pictures.
    """
    path = Path(os.fsdecode(path)) if path is not None else _course_file()
    table = _read(path)
    keys = [_key(row) for row in dataset.rows]
    if not any(key in table for key in keys):
        raise DataError(
            f"None of the pictures in {shown_name(dataset.folder)} is in {shown_name(path)}: votes "
            "belong to FER2013, with its files named as in Kaggle's folders or as "
            "emolib.data.download_fer2013 names them."
        )
    return np.array([table.get(key, NO_VOTES) for key in keys], int)


def _course_file() -> Path:
    """Return the file in the course's folder, which need not be the working directory."""
    here = Path.cwd()
    places = (here, *here.parents, here / CLONE, SOURCE)
    for place in places:
        if (place / FILE).is_file():
            return place / FILE
    raise DataError(
        f"The votes do not come with the installed package: download {FILE.as_posix()} from "
        f"{_repository()} and give it with path=."
    )


def _repository() -> str:
    """Return the course's address, which is in pyproject.toml only."""
    try:
        urls = metadata("emolib").get_all("Project-URL") or []
    except PackageNotFoundError:  # emolib runs from its folder, not installed
        urls = []
    addresses = [url.removeprefix("Repository, ") for url in urls if url.startswith("Repository, ")]
    return addresses[0] if addresses else "emolib's repository"


def _key(row: Row) -> str | int:
    """Return a picture's key in the table."""
    name = row.path.name
    if name in SHARED_NAMES:
        return f"{row.class_name}/{name}"
    from_csv = FROM_CSV.fullmatch(name)
    return int(from_csv[1]) if from_csv else name


def _read(path: Path) -> Table:
    """Read the CSV file."""
    name = shown_name(path)
    header, *lines = _lines(path)
    columns = header.split(",")
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise DataError(f"{name} has no column {' and no column '.join(missing)}: get a new copy.")
    table: Table = {}
    classes = {shared: iter(names) for shared, names in SHARED_NAMES.items()}
    for number, line in enumerate(lines, 2):
        try:
            cells = dict(zip(columns, line.split(","), strict=True))
            votes = _counts(cells)
            if cells["row"]:
                table[int(cells["row"])] = votes
        except ValueError:
            raise DataError(
                f"{name}, line {number:,}, is not a file name, a row and ten numbers of votes from "
                f"0 to {PEOPLE}: get a new copy."
            ) from None
        file = cells["file"]
        # a third line with a shared name belongs to no class
        table[f"{next(classes[file], '')}/{file}" if file in classes else file] = votes
    return table


def _lines(path: Path) -> list[str]:
    """Return the lines of a text file, at least one."""
    try:
        return path.read_text("utf-8-sig").splitlines() or [""]
    except OSError as error:
        reason = f"cannot be read ({error.strerror}): check the path"
    except ValueError:
        reason = "is not a text file: get a new copy"
    raise DataError(f"{shown_name(path)} {reason}.")


def _counts(cells: dict[str, str]) -> list[int]:
    """Return the ten counts of a line; a picture that FER+ leaves out has empty cells."""
    texts = [cells[emotion] for emotion in FERPLUS_EMOTIONS]
    if not any(texts):
        return NO_VOTES
    counts = [int(text) for text in texts]
    if min(counts) < 0 or max(counts) > PEOPLE:
        raise ValueError
    return counts
