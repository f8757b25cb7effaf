"""Open a folder of pictures, or a zip or tar.gz of one."""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import re
import stat
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from ..files import is_hidden, list_folder
from ..images import printable_name
from .layout import SPLIT_FOLDERS, DataError
from .origins import ARCHIVES, printable

MAX_UNPACKED = 20 * 10**9  # bytes
# pictures hardly shrink in a zip: one that grows a hundredfold is a zip bomb, unless it is small
MAX_RATIO = 100
SMALL = 100 * 10**6  # bytes
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
UTF8_FLAG = 0x800
ENCRYPTED_FLAG = 1
# the letters and punctuation that Chinese names need, in GBK; names in Japanese, Russian or German
# that an old program wrote hardly ever fit
CHINESE = re.compile(rb"(?:[\x00-\x7f]|[\xa1\xa3\xb0-\xf7][\xa1-\xfe])*")


def open_folder(path: str | os.PathLike) -> Path:
    """Return a data set's folder; an archive is unpacked into a folder that is removed at exit.

    If folders only wrap the data set (`archive/fer2013/train/...`), the inner one is returned.
    Hidden files and `__MACOSX` are not unpacked.

    Args:
        path: A folder, a zip, or a tar (also .tar.gz).

    Returns:
        The folder that holds the class folders, or `train/` and `test/`.

    Raises:
        DataError: Neither a folder nor an archive; or an archive that is damaged, encrypted,
            hostile (names or links that lead outside, far too large) or too large for the disk.
    """
    path = existing(path)
    if path.is_dir():
        return _unwrapped(path)
    with _sentences(path), contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        if tarfile.is_tarfile(path):
            _unpack_tar(path, scratch)
        elif zipfile.is_zipfile(path):
            _unpack_zip(path, scratch)
        else:
            raise DataError("is neither a folder nor a zip or tar file: give one of these.")
        atexit.register(stack.pop_all().close)
    ARCHIVES[Path(scratch)] = path
    return _unwrapped(Path(scratch))


def existing(path: str | os.PathLike) -> Path:
    """Return the path of a file or folder that exists.

    Args:
        path: What the user gave.

    Raises:
        DataError: It does not exist, or it is an internet address.
    """
    name = os.fsdecode(path)
    if os.path.exists(name):
        return Path(name)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", name):
        raise DataError(
            f"{printable(name)} is an internet address: download it with a browser and give the "
            "path of the file."
        )
    raise DataError(f"{printable(name)} does not exist: check the path.")


def _unwrapped(folder: Path) -> Path:
    """Return the data set's folder, inside folders that hold one folder of folders only."""
    while True:
        inside = list_folder(folder).folders
        if len(inside) != 1 or inside[0].name.lower() in SPLIT_FOLDERS:
            return folder
        if not list_folder(inside[0]).folders:
            return folder  # a single class
        folder = inside[0]


@contextlib.contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong into one sentence that begins with the archive's name."""
    name = printable_name(path)
    try:
        yield
    except MemoryError:
        raise
    except DataError as error:
        raise DataError(f"{name} {error}") from None
    except Exception as error:  # damaged files cause a dozen kinds of exception
        if getattr(error, "errno", None) in DISK_FULL:
            raise DataError(f"{name} does not fit on the disk: free some space first.") from None
        raise DataError(
            f"{name} cannot be unpacked ({type(error).__name__}) and may be damaged: get a new "
            "copy, or unpack it yourself and give the folder."
        ) from error


def _unpack_zip(path: Path, place: str) -> None:
    """Unpack a zip that can be trusted, without hidden files."""
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        _decode_names(path, infos)
        wanted = []
        for info in infos:
            if info.flag_bits & ENCRYPTED_FLAG:
                raise DataError("has a password: unpack it and give the folder.")
            is_folder = info.filename.endswith(("/", "\\"))
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            info.filename = _trusted_name(info.filename, is_link)
            if info.filename and not is_folder:
                wanted.append(info)
        _require_plausible(path, sum(info.file_size for info in infos))
        for info in wanted:  # reads no more than the declared size, and compares checksums
            try:
                archive.extract(info, place)
            except RuntimeError:
                method = METHODS.get(info.compress_type, f"number {info.compress_type}")
                raise DataError(
                    f"uses the method {method}, which Python cannot read: pack the folder again "
                    "with the method Deflate, or unpack it and give the folder."
                ) from None


def _unpack_tar(path: Path, place: str) -> None:
    """Unpack a tar, compressed or not, as `_unpack_zip` does."""
    total = 0
    with tarfile.open(path) as archive:
        wanted = []
        for member in archive:
            is_link = not member.isreg() and not member.isdir()
            member.name = _trusted_name(member.name, is_link)
            total += abs(member.size) + tarfile.BLOCKSIZE
            _require_plausible(path, total)  # before the next header, which may be terabytes away
            if member.name and member.isreg():
                wanted.append(member)
        for member in wanted:
            archive.extract(member, place, filter="data")


def _decode_names(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    """Correct names that do not say how they are encoded, in place, or warn."""
    # zipfile reads them as code page 437, which loses no byte
    old = [i for i in infos if not i.flag_bits & UTF8_FLAG and i.filename == i.orig_filename]
    raw = "\0".join(info.filename for info in old).encode("cp437")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        if not CHINESE.fullmatch(raw):
            warnings.warn(
                f"{printable_name(path)} does not say how its names are encoded, so they may look "
                "wrong: pack the folder again with a newer program, or unpack it yourself.",
                stacklevel=4,
            )
            return
        text = raw.decode("gbk", "replace")
    for info, name in zip(old, text.split("\0"), strict=False):
        info.filename = name


def _trusted_name(name: str, is_link: bool) -> str:
    """Return a member's name with forward slashes, or an empty string for a hidden one."""
    inside = PureWindowsPath(name)  # knows both kinds of slashes
    if is_link or inside.anchor or ".." in inside.parts:
        raise DataError(
            "holds links, or names that lead outside its folder: do not use it, or pack it again "
            "with the files in place of the links."
        )
    return "" if any(map(is_hidden, inside.parts)) else inside.as_posix()


def _require_plausible(path: Path, total: int) -> None:
    if total > MAX_UNPACKED or total > max(SMALL, MAX_RATIO * path.stat().st_size):
        raise DataError(
            f"would unpack to {total / 1e9:.1f} GB, too much for its size: do not use it, or "
            "unpack it yourself and give the folder."
        )
