"""A copy of a data set with five faults for the reader to find. Notebook 01 uses it."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from ..data.dataset import DataError, class_names_in, files_in
from ..files import new_folders, require_new_folder
from ..images import open_image, pixel_digest


def plant_faults(
    folder: str | os.PathLike,
    copy: str | os.PathLike,
    classes: Iterable[str] | None = None,
    per_class: int = 60,
    seed: int = 0,
) -> None:
    """Copy some pictures of a data set into a new folder, with five faults among them.

    The copy's files get new numbers, so that no name gives a fault away. The data set itself
    stays unchanged.

    Args:
        folder: A data set's folder, as `emolib.data.scan` takes it.
        copy: The folder to fill: `copy/<class>/000.png` and so on; new or empty.
        classes: Names of the class folders to copy from, at least two; all by default.
        per_class: Number of different pictures to copy from each class, at least 5.
        seed: Seed of the choice of pictures, the places of the faults and the numbers.

    Raises:
        DataError: The copy's folder is not empty, or there are too few classes or pictures.
    """
    names = sorted(set(class_names_in(folder) if classes is None else classes))
    copy = Path(copy)
    require_new_folder(copy, DataError)
    if len(names) < 2:
        raise DataError(f"{folder} has fewer than two classes: the faults need two.")
    rng = random.Random(seed)
    files = {name: _different(folder, name, per_class, rng) for name in names}
    _spoil(files[names[0]], files[names[1]], rng)
    with new_folders(copy.parent) as scratch:
        for name, content in files.items():
            place = scratch / copy.name / name
            place.mkdir(parents=True)
            rng.shuffle(content)
            for i, file in enumerate(content):
                (place / f"{i:03}{file.suffix}").write_bytes(file.content)


class _File(NamedTuple):
    content: bytes
    suffix: str


def _different(
    folder: str | os.PathLike, class_name: str, n: int, rng: random.Random
) -> list[_File]:
    """Read n readable files of a class with different pictures, in random order."""
    paths = [path for path, _, _ in files_in(folder, [class_name])]
    rng.shuffle(paths)
    found: dict[str, _File] = {}
    for path in paths:
        if len(found) < n:
            found.setdefault(pixel_digest(open_image(path)), _File(path.read_bytes(), path.suffix))
    if len(found) < max(n, 5):
        raise DataError(
            f"{folder} has too few different pictures of class {class_name}: at least {max(n, 5)} "
            "are needed."
        )
    return list(found.values())


def _spoil(one: list[_File], other: list[_File], rng: random.Random) -> None:
    """Put the five faults into the files of two classes, which are already in random order."""
    lists = [one, other]
    rng.shuffle(lists)
    one, other = lists
    one[0] = _File(one[0].content[: len(one[0].content) // 2], one[0].suffix)
    other[0] = _File(b"This is text, whatever the name of the file says.\n", ".png")
    one[1] = _misnamed(one[1])
    other.append(other[1])
    one.append(other[2])


def _misnamed(file: _File) -> _File:
    """Store a picture in a different format than its extension says."""
    picture = Image.open(io.BytesIO(file.content)).convert("RGB")
    stored = io.BytesIO()
    picture.save(stored, "JPEG" if file.suffix.lower() == ".png" else "PNG")
    return _File(stored.getvalue(), file.suffix)
