"""An album of photos with a known number of faces, for notebook 11.

Every photo is a board with portraits of people who do not exist, so nobody has to be asked.
"""

from __future__ import annotations

import random
from pathlib import Path

from ..data.sources import portraits
from .compose import group_photo

WIDTHS = (300, 600, 700, 800)  # of a board with one, two, three and four portraits, in pixels


def make_album(folder: Path, n: int, seed: int = 0) -> dict[str, int]:
    """Write photos with one to four faces, in turn.

    Args:
        folder: A new folder, which is made here.
        n: How many photos.
        seed: The seed of who is in which photo.

    Returns:
        {path: number of faces}, sorted by path.

    Raises:
        DataError: The portraits are not installed.
        FileExistsError: The folder is there already.
    """
    people = [portrait.image for portrait in portraits()]
    folder.mkdir()
    draw = random.Random(seed)
    faces: dict[str, int] = {}
    for i in range(n):
        faces_here = 1 + i % len(WIDTHS)
        board, _ = group_photo(draw.sample(people, faces_here), WIDTHS[faces_here - 1], seed=i)
        path = str(folder / f"{i:04}.jpg")
        board.save(path, quality=90)
        faces[path] = faces_here
    return faces
