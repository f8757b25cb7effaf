"""Where data sets come from: portraits of people who do not exist, and FER2013."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..images import open_image
from .archives import open_folder, unwrapped
from .dataset import DataError

# the sheet's captions, row by row
EXPRESSIONS = (
    "neutral happy sad angry surprised disgusted scared confused "
    "smug flirty thoughtful pensive exhausted shocked playful determined"
).split()
FRAME_INSET = 5  # pixels: the frame's soft edge and its round corners stay outside


@dataclass(frozen=True)
class Portrait:
    """A head-and-shoulders photograph of somebody who does not exist, and what it shows.

    Attributes:
        image: RGB picture, about 500 x 330 pixels.
        expression: One of `EXPRESSIONS`, such as "happy".
        person: "P001" to "P010".
        age_range: Such as "25-35".
        sex: "female" or "male".
        skin_tone: On Fitzpatrick's scale, such as "Fitzpatrick IV".
    """

    image: Image.Image
    expression: str
    person: str
    age_range: str
    sex: str
    skin_tone: str

    def face(self) -> Image.Image:
        """Return the levelled crop of the face, cut as every face is (`emolib.faces`).

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
        One `Portrait` a picture: person by person, in the order of `EXPRESSIONS`.

    Raises:
        DataError: The package is not installed, or its sheets look unlike those of 0.1.2.
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
    """Return the paths of the 10 phone-style selfies of `openpeople`, in the people's order.

    Raises:
        DataError: The package is not installed.
    """
    return [folder / "assets" / "amateur_selfie.jpg" for folder in _people()]


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
    """Cut a sheet's 16 framed pictures out, row by row; every sheet has them elsewhere."""
    white = np.asarray(sheet.convert("L")) > 230
    # the frames' lines are the only rows and columns that are mostly white
    rows, columns = (_gaps(white.mean(axis=axis) > 0.6) for axis in (1, 0))
    if len(rows) != 4 or len(columns) != 4:
        raise DataError(
            "The portraits' sheets look unlike those of openpeople 0.1.2: "
            "install that version with pip install openpeople==0.1.2."
        )
    return [
        sheet.crop((left, top, right, bottom)) for top, bottom in rows for left, right in columns
    ]


def _gaps(line: np.ndarray) -> list[tuple[int, int]]:
    """Where the inside of each frame begins and ends, between its first and second line."""
    edges = np.flatnonzero(np.diff(line.astype(int), prepend=0, append=0)).tolist()
    inside = zip(edges[1::4], edges[2::4], strict=False)
    return [(begin + FRAME_INSET, end - FRAME_INSET) for begin, end in inside]


FER2013_CLASSES = "angry disgust fear happy neutral sad surprise".split()
FER2013_COUNTS = {
    "train": dict(zip(FER2013_CLASSES, (3995, 436, 4097, 7215, 4965, 4830, 3171), strict=True)),
    "test": dict(zip(FER2013_CLASSES, (958, 111, 1024, 1774, 1233, 1247, 831), strict=True)),
}


def download_fer2013(
    destination: str | os.PathLike = "data/fer2013",
    source: str | os.PathLike | None = None,
    progress: bool = True,
) -> Path:
    """Get FER2013 (35,887 faces, 48x48 gray, 7 emotions) and check that all of it came.

    Goodfellow et al., "Challenges in Representation Learning", 2013, arXiv:1307.0414. Nothing
    that exists is changed; what could not be copied whole leaves nothing behind.

    Args:
        destination: Folder to make, with `train/` and `test/` in it.
        source: A zip or folder of the data set; by default it is downloaded from Kaggle
            (`msambare/fer2013`, no account needed).
        progress: Say what happens.

    Returns:
        The destination.

    Raises:
        DataError: No connection, a source that is not FER2013 whole, or a destination that
            holds something else.
    """
    destination = Path(destination)
    if os.path.lexists(destination) and not _is_empty(destination):
        if wrong := _first_difference(destination):
            raise DataError(
                f"{destination} exists and is not FER2013 ({wrong}): move it away or give another "
                "destination."
            )
        if progress:
            print(f"{destination} is there already, and complete.")
        return destination
    if progress:
        print(f"Getting FER2013 from {source or 'Kaggle, about 60 MB'} ...", flush=True)
    found = unwrapped(open_folder(source)) if source is not None else _kaggle_folder(progress)
    if wrong := _first_difference(found):
        name = source if source is not None else "The download"
        raise DataError(f"{name} is not FER2013 whole ({wrong}): get another copy.")
    _copy(found, destination, progress)
    return destination


def _kaggle_folder(progress: bool) -> Path:
    """Download with kagglehub, into its own cache."""
    try:
        import kagglehub

        with _timed_and_quiet(progress):
            return unwrapped(Path(kagglehub.dataset_download("msambare/fer2013")))
    except Exception:  # kagglehub, requests and urllib3 each have their own
        raise DataError(
            "FER2013 cannot be downloaded from Kaggle: try again with internet, or give a copy "
            "you have: python -m emolib download fer2013 --from fer2013.zip"
        ) from None


@contextlib.contextmanager
def _timed_and_quiet(progress: bool) -> Iterator[None]:
    """Give kagglehub's requests a time limit (some have none), and hide what it logs."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def send_in_time(self, request, **options):
        return send(self, request, **options | {"timeout": options.get("timeout") or (10, 60)})

    logger = logging.getLogger("kagglehub")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    HTTPAdapter.send = send_in_time
    silence = contextlib.nullcontext() if progress else contextlib.redirect_stderr(io.StringIO())
    try:
        with silence:
            yield
    finally:
        HTTPAdapter.send = send
        logger.setLevel(level)


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _pictures(folder: Path) -> list[Path]:
    """List a class folder's JPEG and PNG files; a file of no bytes is a copy that broke off."""
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


def _first_difference(folder: Path) -> str:
    """Return what differs from FER2013, or an empty string."""
    for split, counts in FER2013_COUNTS.items():
        for name, expected in counts.items():
            n = len(_pictures(folder / split / name))
            if n != expected:
                return f"{split}/{name} has {n:,} pictures, not {expected:,}"
    return ""


def _copy(found: Path, destination: Path, progress: bool) -> None:
    """Copy beside the destination first and rename at the end: all of it or nothing."""
    from tqdm import tqdm

    places = [Path(split, name) for split, counts in FER2013_COUNTS.items() for name in counts]
    jobs = [(place, path) for place in places for path in _pictures(found / place)]
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=destination.parent) as scratch:
            whole = Path(scratch, destination.name)
            for place in places:
                (whole / place).mkdir(parents=True)
            for place, path in tqdm(
                jobs, "copying", unit="file", disable=None if progress else True
            ):
                shutil.copyfile(path, whole / place / path.name)
            if _is_empty(destination):
                destination.rmdir()  # Windows renames onto nothing
            whole.rename(destination)
    except OSError as error:
        raise DataError(
            f"FER2013 cannot be copied to {destination} ({error.strerror}): check the disk and the "
            "folder, and try again."
        ) from None
