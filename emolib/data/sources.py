"""Where data sets come from: portraits of people who do not exist, and FER2013."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ..files import new_folders, require_new_folder
from ..images import open_image
from .archives import open_folder, unwrapped
from .dataset import DataError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

# the captions of a sheet of portraits, row by row
EXPRESSIONS = (
    "neutral happy sad angry surprised disgusted scared confused "
    "smug flirty thoughtful pensive exhausted shocked playful determined"
).split()
FRAME_INSET = 5  # pixels: leaves out the frame's soft edge and its round corners

FER2013_CLASSES = "angry disgust fear happy neutral sad surprise".split()
FER2013_COUNTS = {
    "train": dict(zip(FER2013_CLASSES, (3995, 436, 4097, 7215, 4965, 4830, 3171), strict=True)),
    "test": dict(zip(FER2013_CLASSES, (958, 111, 1024, 1774, 1233, 1247, 831), strict=True)),
}


@dataclass(frozen=True)
class Portrait:
    """A head-and-shoulders photograph of a person who does not exist, and what it shows.

    Attributes:
        image: RGB picture, about 500 x 330 pixels.
        expression: One of `EXPRESSIONS`, such as "happy".
        person: "P001" to "P010".
        age_range: Such as "25-35".
        sex: "female" or "male".
        skin_tone: On the Fitzpatrick scale, such as "Fitzpatrick IV".
    """

    image: Image.Image
    expression: str
    person: str
    age_range: str
    sex: str
    skin_tone: str

    def face(self) -> Image.Image:
        """Return the aligned crop of the face, made as for every photo (`emolib.faces`).

        Raises:
            DataError: No face is found.
        """
        from ..faces import find_faces

        faces = find_faces(self.image)
        if not faces:
            raise DataError(f"{self.person} {self.expression}: no face is found in this portrait.")
        return max(faces, key=lambda face: face.score).crop(self.image)


def portraits() -> list[Portrait]:
    """Load the 160 portraits of `openpeople`: 10 people with 16 expressions each.

    Returns:
        One `Portrait` per picture: person by person, in the order of `EXPRESSIONS`.

    Raises:
        DataError: The package is not installed, or its sheets differ from those of 0.1.2.
    """
    found = []
    for folder in _people():
        facts = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        who = facts["character_details"]["demographics"]
        sheet = open_image(folder / "assets" / "emotions_sheet.jpg")
        found += [
            Portrait(image, name, folder.name, who["age_range"], who["sex"], who["skin_tone"])
            for name, image in zip(EXPRESSIONS, _cells(sheet), strict=True)
        ]
    return found


def selfies() -> list[Path]:
    """Return the paths of the 10 phone-style selfies of `openpeople`, in the order of the people.

    Raises:
        DataError: The package is not installed.
    """
    return [folder / "assets" / "amateur_selfie.jpg" for folder in _people()]


def download_fer2013(
    destination: str | os.PathLike = "data/fer2013",
    source: str | os.PathLike | None = None,
    progress: bool = True,
) -> Path:
    """Get FER2013 (35,887 faces, 48x48 gray, 7 emotions) and check that it is complete.

    Goodfellow et al., "Challenges in Representation Learning", 2013, arXiv:1307.0414. Nothing
    that exists is changed; a copy that fails leaves nothing behind.

    Args:
        destination: Folder to create, with `train/` and `test/` in it.
        source: A zip or folder of the data set; by default it is downloaded from Kaggle
            (`msambare/fer2013`, no account needed).
        progress: Report progress.

    Returns:
        The destination.

    Raises:
        DataError: No connection, a source that is not the complete FER2013, or a destination that
            holds something else.
    """
    destination = Path(destination)
    difference = _first_difference(destination)
    if not difference:
        if progress:
            print(f"{destination} is already there, and complete.")
        return destination
    try:
        require_new_folder(destination, DataError)
    except DataError:
        raise DataError(
            f"{destination} exists and is not FER2013 ({difference}): move it away or give a "
            "different destination."
        ) from None
    if progress:
        print(f"Getting FER2013 from {source or 'Kaggle, about 60 MB'} ...", flush=True)
    found = unwrapped(open_folder(source)) if source is not None else _kaggle_folder(progress)
    if difference := _first_difference(found):
        name = source if source is not None else "The download"
        raise DataError(f"{name} is not the complete FER2013 ({difference}): get a new copy.")
    _copy(found, destination, progress)
    return destination


def _people() -> list[Path]:
    """Find the people's folders without importing the package, which would load pydantic."""
    spec = importlib.util.find_spec("openpeople")
    places = spec.submodule_search_locations if spec else None
    people = sorted(p for place in places or () for p in Path(place).glob("data/curated/P*"))
    if not people:
        raise DataError(
            "The portraits are not installed: install them with pip install openpeople==0.1.2."
        )
    return people


def _cells(sheet: Image.Image) -> list[Image.Image]:
    """Crop a sheet's 16 framed pictures, row by row; their places differ from sheet to sheet."""
    white = np.asarray(sheet.convert("L")) > 230
    # the frames' lines are the only rows and columns that are mostly white
    rows, columns = (_gaps(white.mean(axis=axis) > 0.6) for axis in (1, 0))
    if len(rows) != 4 or len(columns) != 4:
        raise DataError(
            "The sheets of portraits differ from those of openpeople 0.1.2: "
            "install that version with pip install openpeople==0.1.2."
        )
    return [
        sheet.crop((left, top, right, bottom)) for top, bottom in rows for left, right in columns
    ]


def _gaps(line: np.ndarray) -> list[tuple[int, int]]:
    """Return where the inside of each frame begins and ends, between its first and second line."""
    edges = np.flatnonzero(np.diff(line.astype(int), prepend=0, append=0)).tolist()
    inside = zip(edges[1::4], edges[2::4], strict=False)
    return [(begin + FRAME_INSET, end - FRAME_INSET) for begin, end in inside]


def _first_difference(folder: Path) -> str:
    """Return the first difference from FER2013, or an empty string."""
    for split, counts in FER2013_COUNTS.items():
        for name, expected in counts.items():
            n = len(_pictures(folder / split / name))
            if n != expected:
                return f"{split}/{name} has {n:,} pictures, not {expected:,}"
    return ""


def _pictures(folder: Path) -> list[Path]:
    """List a class folder's JPEG and PNG files, without empty files left by a broken copy."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [
            Path(e.path)
            for e in entries
            if e.name.lower().endswith((".jpg", ".jpeg", ".png"))
            and not e.name.startswith(".")
            and e.is_file()
            and e.stat().st_size
        ]


def _kaggle_folder(progress: bool) -> Path:
    """Download with kagglehub, into its own cache."""
    try:
        import kagglehub

        with _timed_and_quiet(progress):
            return unwrapped(Path(kagglehub.dataset_download("msambare/fer2013")))
    except Exception:  # kagglehub, requests and urllib3 each have their own
        raise DataError(
            "FER2013 cannot be downloaded from Kaggle: try again with internet access, or give a "
            "copy you have: python -m emolib download fer2013 --from fer2013.zip"
        ) from None


@contextlib.contextmanager
def _timed_and_quiet(progress: bool) -> Iterator[None]:
    """Give kagglehub's requests a timeout (some have none), and hide what it logs."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def send_in_time(self: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        return send(self, request, **options | {"timeout": options.get("timeout") or (10, 60)})

    logger = logging.getLogger("kagglehub")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    HTTPAdapter.send = send_in_time  # type: ignore[method-assign, assignment]
    silence = contextlib.nullcontext() if progress else contextlib.redirect_stderr(io.StringIO())
    try:
        with silence:
            yield
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]
        logger.setLevel(level)


def _copy(found: Path, destination: Path, progress: bool) -> None:
    """Copy the complete data set, or nothing."""
    from tqdm import tqdm

    places = [found / split / name for split, counts in FER2013_COUNTS.items() for name in counts]
    paths = [path for place in places for path in _pictures(place)]
    try:
        with new_folders(destination.parent) as scratch:
            for path in tqdm(paths, "copying", unit="file", disable=None if progress else True):
                target = scratch / destination.name / path.relative_to(found)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    except OSError as error:
        raise DataError(
            f"FER2013 cannot be copied to {destination} ({error.strerror}): check the disk and the "
            "folder, and try again."
        ) from None
