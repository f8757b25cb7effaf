"""FER2013 in Kaggle's folders: from Kaggle, from a copy of them, or from the original CSV file."""

from __future__ import annotations

import errno
import io
import logging
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, suppress
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from ..files import list_folder, new_folders, require_new_folder
from .archives import DISK_FULL, existing, open_folder
from .layout import DataError
from .origins import printable, shown_name

EMOTIONS = "angry disgust fear happy sad surprise neutral".split()
FER2013_COUNTS = {
    "train": dict(zip(EMOTIONS, (3995, 436, 4097, 7215, 4830, 3171, 4965), strict=True)),
    "test": dict(zip(EMOTIONS, (958, 111, 1024, 1774, 1247, 831, 1233), strict=True)),
}
# a copy with one of these names beside the data set's folder is found automatically
COPIES = ("fer2013.csv", "icml_face_data.csv", "fer2013.tar.gz", "fer2013.zip")
# what the columns of the original CSV file hold; each usage is a split in Kaggle's folders
COLUMNS = ("emotion", "pixels", "usage")
NUMBERS = dict(zip("0123456", EMOTIONS, strict=True))
USAGES = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}
SIDE = 48  # pixels
HANDLE = "msambare/fer2013"
TIMEOUT = (10, 60)  # seconds: to connect, and between two pieces of an answer
OWN_COPY = "or give a copy you have: python -m emolib download fer2013 --from fer2013.zip"
REFUSED = {
    401: "Kaggle does not accept the key on this computer (401): remove it from ~/.kaggle or the "
    "environment variables KAGGLE_*, because FER2013 needs none,",
    403: "Kaggle or this network does not allow the download (403): download it with a browser,",
    404: f"Kaggle no longer has {HANDLE} (404): search kaggle.com for FER2013,",
}
NOT_SAVED = (*DISK_FULL, errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR)
# the path of each file below the data set's folder, and the function that writes it
Files = Iterator[tuple[str, Callable[[Path], object]]]


def download_fer2013(
    destination: str | os.PathLike = "data/fer2013",
    source: str | os.PathLike | None = None,
    progress: bool = True,
) -> Path:
    """Get FER2013 (35,887 faces, 48x48 gray, 7 emotions) and check that it is complete.

    Goodfellow et al., "Challenges in Representation Learning", 2013, arXiv:1307.0414. Existing
    files are never changed; a failed copy leaves nothing behind.

    Args:
        destination: Folder to create, with `train/` and `test/` in it.
        source: Kaggle's folders, or the original CSV file (`fer2013.csv` or `icml_face_data.csv`):
            a path, or a zip, tar.gz or folder that contains one of them. By default, a file named
            as in `COPIES` beside the destination is taken; if there is none, the data set is
            downloaded from Kaggle (`msambare/fer2013`, no account needed).
        progress: Report progress.

    Returns:
        The destination.

    Raises:
        DataError: No connection, a source that is not the complete FER2013, or a destination that
            holds something else.
    """
    destination = Path(os.fsdecode(destination))
    difference = _first_difference(_counts(destination))
    if not difference:
        if progress:
            print(f"{shown_name(destination)} is already there and complete.")
        return destination
    try:
        require_new_folder(destination, DataError)
    except DataError:
        raise DataError(
            f"{shown_name(destination)} exists and is not FER2013 ({difference}): move it away or "
            "give a different destination."
        ) from None
    copies = (destination.parent / name for name in COPIES)
    copy = existing(source) if source is not None else next(filter(Path.is_file, copies), None)
    if progress:
        name = shown_name(copy) if copy else "Kaggle, about 60 MB"
        print(f"Getting FER2013 from {name} ...", flush=True)
    found = _opened(copy) if copy else _from_kaggle(progress)
    if found.is_dir():
        advice = "get a new copy" if copy else "delete this folder and download again"
        _require_complete(_counts(found), found, advice)
    _write(found, destination, progress)
    return destination


def _opened(source: Path) -> Path:
    """Return what a source holds: a folder with `train/` and `test/`, or a CSV file."""
    if source.suffix.lower() == ".csv" and source.is_file():
        return source
    folder = open_folder(source)
    if (folder / "train").is_dir():
        return folder
    files = [*folder.glob("*.csv"), *folder.glob("*/*.csv")]
    return min(files, key=lambda path: path.name not in COPIES, default=folder)


def _require_complete(counts: Counter[str], found: Path, advice: str) -> None:
    if difference := _first_difference(counts):
        name = shown_name(found)
        raise DataError(f"{name} is not the complete FER2013 ({difference}): {advice}.")


def _first_difference(counts: Counter[str]) -> str:
    """Return the first difference from FER2013, or an empty string."""
    for split, expected in FER2013_COUNTS.items():
        for name, n in expected.items():
            if counts[f"{split}/{name}"] != n:
                return f"{split}/{name} has {counts[f'{split}/{name}']:,} pictures, not {n:,}"
    return ""


def _counts(folder: Path) -> Counter[str]:
    """Return {"train/happy": number of pictures, ...}."""
    return Counter(name.rpartition("/")[0] for name, _ in _folder_files(folder))


def _folder_files(folder: Path) -> Files:
    """List the JPEG and PNG files, without empty files left by a broken copy."""
    for split, counts in FER2013_COUNTS.items():
        for class_name in counts:
            for path in list_folder(folder / split / class_name).files:
                if path.suffix.lower() in (".jpg", ".jpeg", ".png") and path.stat().st_size:
                    yield f"{split}/{class_name}/{path.name}", partial(shutil.copyfile, path)


def _csv_files(path: Path) -> Files:
    """Read FER2013's CSV file row by row; at its end, check that it was complete."""
    name = shown_name(path)
    counts: Counter[str] = Counter()
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        columns = _cells(file.readline().lower())
        missing = [column for column in COLUMNS if column not in columns]
        if missing:
            raise DataError(
                f"{name} has no column {' and no column '.join(missing)}: give FER2013's own CSV "
                "file, with the columns emotion, pixels and Usage."
            )
        for number, line in enumerate(filter(str.strip, file)):
            row = dict(zip(columns, _cells(line), strict=False))
            folder, pixels = _parsed(row, f"{name}, line {number + 2:,},")
            counts[folder] += 1
            image = Image.frombytes("L", (SIDE, SIDE), pixels)
            yield f"{folder}/{row['usage']}_{number:06}.png", image.save
    _require_complete(counts, path, "get a new copy")


def _parsed(row: dict[str, str], where: str) -> tuple[str, bytes]:
    """Return the class folder and the pixels that a row describes."""
    try:
        folder = f"{USAGES[row['usage']]}/{NUMBERS[row['emotion']]}"
        pixels = bytes(map(int, row["pixels"].split()))
    except (KeyError, ValueError):
        raise DataError(
            f"{where} has an unknown emotion, usage or pixel value: get a new copy."
        ) from None
    if len(pixels) != SIDE**2:
        raise DataError(f"{where} has {len(pixels):,} pixels, not {SIDE**2:,}: get a new copy.")
    return folder, pixels


def _cells(line: str) -> list[str]:
    return [cell.strip(' "\r\n') for cell in line.split(",")]


def _write(found: Path, destination: Path, progress: bool) -> None:
    """Write the complete data set, or nothing."""
    from tqdm import tqdm

    files = _folder_files(found) if found.is_dir() else _csv_files(found)
    total = sum(sum(counts.values()) for counts in FER2013_COUNTS.values())
    bar = tqdm(files, "writing", total, unit="file", disable=None if progress else True)
    try:
        with new_folders(destination.parent) as scratch:
            for name, write in bar:
                target = scratch / destination.name / name
                target.parent.mkdir(parents=True, exist_ok=True)
                write(target)
    except OSError as error:
        raise DataError(
            f"FER2013 cannot be copied to {shown_name(destination)} ({error.strerror}): check the "
            "disk and the folder, and try again."
        ) from None


def _from_kaggle(progress: bool) -> Path:
    """Download FER2013 into kagglehub's own cache, or find it there."""
    try:
        import kagglehub
        from kagglehub import http_resolver

        logging.getLogger("kagglehub").setLevel(logging.CRITICAL)
        with nullcontext() if progress else redirect_stderr(io.StringIO()):
            with _timeouts(http_resolver):
                return open_folder(kagglehub.dataset_download(HANDLE))
    except MemoryError:
        raise
    except Exception as error:  # kagglehub, requests and urllib3 each have their own
        raise DataError(f"{_reason(error)} {OWN_COPY}") from None


def _reason(error: Exception) -> str:
    """Say what went wrong and what to do."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in REFUSED:
        return REFUSED[status]
    if isinstance(error, ImportError):
        return "The download needs the package kagglehub: install it with pip install kagglehub,"
    if isinstance(error, OSError) and error.errno in NOT_SAVED:
        cache = printable(os.environ.get("KAGGLEHUB_CACHE", "~/.cache/kagglehub"))
        if error.errno in DISK_FULL:
            return f"The disk is full: free 300 MB for the download to {cache},"
        return (
            f"The download cannot be saved in {cache} ({error.strerror}): set the environment "
            "variable KAGGLEHUB_CACHE to a folder that you may write to,"
        )
    return f"FER2013 cannot be downloaded ({type(error).__name__}): try again with internet access,"


@contextmanager
def _timeouts(http_resolver: Any) -> Iterator[None]:
    """Give the session that kagglehub opens a timeout: a stalled download would never end."""
    build_client: Any = getattr(http_resolver, "build_kaggle_client", None)

    def build_timed_client() -> Any:
        client = build_client()
        with suppress(AttributeError):  # a different version of kagglehub
            session = client.http_client().__enter__()._session
            session.send = partial(session.send, timeout=TIMEOUT)
        return client

    http_resolver.build_kaggle_client = build_timed_client
    try:
        yield
    finally:
        http_resolver.build_kaggle_client = build_client
