"""Unpack a zip of pictures into a folder, if it can be trusted."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path

from .dataset import SPLIT_FOLDERS, DataError

MAX_UNPACKED = 20 * 10**9  # bytes
# pictures hardly shrink in a zip: one that grows a hundredfold is a zip bomb, unless it is small
MAX_RATIO = 100
SMALL = 100 * 10**6  # bytes


def open_folder(path: str | os.PathLike) -> Path:
    """Return a data set's folder; a zip is unpacked into a folder that is removed at exit.

    If folders only wrap the data set (`archive/fer2013/train/...`), the inner one is returned.
    Hidden files and `__MACOSX` are not unpacked.

    Args:
        path: A folder or a zip.

    Returns:
        The folder that holds the class folders, or `train/` and `test/`.

    Raises:
        DataError: Neither a folder nor a zip; or a zip that is damaged, has a password, is
            hostile (names or links that lead outside, far too large) or too large for the disk.
    """
    path = Path(path)
    if path.is_dir():
        return unwrapped(path)
    if not path.exists():
        raise DataError(f"{path} does not exist: give a folder of pictures, or a zip of it.")
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path.name} is neither a folder nor a zip file: give one of these.")
    scratch = tempfile.TemporaryDirectory(prefix="emolib-", ignore_cleanup_errors=True)
    atexit.register(scratch.cleanup)
    try:
        _unpack(path, scratch.name)
    except DataError:
        scratch.cleanup()
        raise
    except Exception:  # zipfile answers damaged files with a dozen kinds of exception
        scratch.cleanup()
        raise DataError(
            f"{path.name} cannot be unpacked and may be damaged: copy or download it again."
        ) from None
    return unwrapped(Path(scratch.name))


def unwrapped(folder: Path) -> Path:
    """Return the data set's folder, inside folders that hold one folder of folders only."""
    while True:
        inside = [p for p in folder.iterdir() if p.is_dir() and not _is_ignored(p.name)]
        if len(inside) != 1 or inside[0].name.lower() in SPLIT_FOLDERS:
            return folder
        if not any(p.is_dir() for p in inside[0].iterdir()):
            return folder  # a single class
        folder = inside[0]


def _unpack(path: Path, place: str) -> None:
    with zipfile.ZipFile(path) as archive:
        infos = _validate_members(archive, path)
        if sum(info.file_size for info in infos) > shutil.disk_usage(place).free:
            raise DataError(f"{path.name} does not fit on the disk: free some space first.")
        for info in infos:  # reads no more than the declared size, and compares checksums
            archive.extract(info, place)


def _validate_members(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """Return the files to unpack, or raise an error that says why this zip is not trusted."""
    infos = archive.infolist()
    for info in infos:
        info.filename = info.filename.replace("\\", "/")  # zips of old Windows programs
        if re.match(r"/|[A-Za-z]:", info.filename) or ".." in info.filename.split("/"):
            raise DataError(f"{path.name} tries to write outside its folder: do not trust it.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise DataError(f"{path.name} holds links instead of files: zip the files themselves.")
        if info.flag_bits & 1:
            raise DataError(f"{path.name} has a password: unpack it and give the folder.")
    total = sum(info.file_size for info in infos)
    if total > MAX_UNPACKED or total > max(SMALL, MAX_RATIO * path.stat().st_size):
        raise DataError(
            f"{path.name} would unpack to {total / 1e9:.1f} GB, too much for its size: do not "
            "trust it, or unpack it and give the folder."
        )
    return [info for info in infos if not info.is_dir() and not _is_ignored(info.filename)]


def _is_ignored(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
