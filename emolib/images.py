"""Any picture you can name -> an upright RGB picture, or one plain sentence that says why not.

Phones rotate, tint, animate and compress their pictures in many ways. All of that is handled here:
the rest of emolib sees only upright RGB pictures with pixel values 0-255.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import io
import logging
import os
import re
import stat
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from PIL import ExifTags, Image, ImageOps

from .errors import EmolibError

__all__ = ["ImageError", "is_picture", "open_image", "to_array"]

Source = str | os.PathLike | bytes | IO[bytes] | Image.Image | np.ndarray
# the usual extensions of each format
EXTENSIONS = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif"),
    "MPO": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "PNG": ("png", "apng"),
    "WEBP": ("webp",),
    "BMP": ("bmp", "dib"),
    "GIF": ("gif",),
    "TIFF": ("tif", "tiff"),
    "AVIF": ("avif", "avifs"),
    "HEIF": ("heic", "heif", "hif"),
}
# no other format is tried, because some start programs (EPS: Ghostscript); MPO is opened as JPEG
ALLOWED = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
ALLOWED_FTYP = ("AVIF", "HEIF")  # the formats whose files have "ftyp" in bytes 4-7
MAX_PIXELS = 100_000_000
MIN_SIDE = 16
READABLE = "a JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF or HEIC file"
VIDEOS = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp")
ADDRESS = re.compile(r"\w[\w+.-]+:/|www\.")
LONGEST = 255  # characters of a file's name; base64 is longer
OUT_OF_MEMORY = re.compile("out of memory|allocating .* failed", re.IGNORECASE)  # of decoders
DAMAGED = "{} is damaged or cut short: copy or download it again."
NOT_AN_IMAGE = f"{{}} is not an image: give {READABLE}."
VIDEO = "{} is a video: save a frame of it as a picture first."
TOO_LARGE = "{} has more than 100 megapixels: make it smaller first."


class ImageError(EmolibError):
    """A picture cannot be used; the message is one sentence that says why and what to do."""


def open_image(source: Source, *, at_least: int | None = None) -> Image.Image:
    """Open a picture from anywhere as an upright RGB picture.

    The content counts, not the file's extension. An animation yields its first frame, transparency
    becomes white, and 16-bit and float pixels are scaled to 0-255.

    Args:
        source: A path, bytes, an open binary file (it stays open), a `PIL.Image` or a NumPy array.
            An array is RGB or gray with the shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4) and
            values 0-255; a float array with no value above 1 is read as 0-1.
        at_least: Pixels to keep on the longer side. A JPEG may be decoded 2, 4 or 8 times smaller
            down to this size, which is faster and needs less memory.

    Returns:
        An RGB picture. `.info["full_size"]` is the (width, height) of the whole upright picture,
        before `at_least` made it smaller; `.info["format"]` is the file's real format.

    Raises:
        ImageError: The source is not a picture, is damaged, has more than 100 megapixels or fewer
            than 16 pixels on a side, or cannot be read at all.
        ImportError: `pillow_heif`, which opens HEIC files, is missing.
        MemoryError: There is not enough memory for so large a picture.
    """
    if isinstance(source, Image.Image):
        return _from_pil(source, "The picture")
    if isinstance(source, np.ndarray):
        return _from_pil(_from_array(source), "The array")
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_file(io.BytesIO(source), "The picture", at_least)
    if isinstance(source, str | os.PathLike):
        with _open_path(source) as file:
            return _from_file(file, printable_name(source), at_least)
    if hasattr(source, "read"):
        return _from_file(source, printable_name(getattr(source, "name", "")), at_least)
    raise ImageError(
        f"{printable_name(repr(source)[:60])} is not a picture: give a path, bytes, an open file, "
        "a PIL image or a NumPy array."
    )


def full_size(image: Image.Image) -> tuple[int, int]:
    """Return the (width, height) of the picture that this one was opened from.

    A picture that was resized or cropped after `open_image` counts as a new picture.

    Args:
        image: A picture, from `open_image` or not.
    """
    opened = image.info.get("opened_size") == image.size
    return image.info["full_size"] if opened else image.size


def center_square(image: Image.Image) -> Image.Image:
    """Return the largest square in the middle of a picture.

    Args:
        image: A picture.
    """
    side = min(image.size)
    left = (image.width - side) // 2
    top = (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def to_array(
    image: Image.Image, image_size: tuple[int, int] = (48, 48), channels: int = 1
) -> np.ndarray:
    """Convert a picture to a network's input; every emolib network gets its input this way.

    Args:
        image: A picture, RGB or gray.
        image_size: (height, width) of the result. A picture of this size is not resized.
        channels: 1 for gray, 3 for RGB.

    Returns:
        A float32 array (height, width, channels) with values 0-255.
    """
    height, width = image_size
    picture = image.convert("L" if channels == 1 else "RGB")
    if picture.size != (width, height):  # Pillow's filters widen as they shrink: no aliasing
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture, dtype=np.float32).reshape(height, width, channels)


def pixel_digest(image: Image.Image) -> str:
    """Return the SHA-256, in hex, of a picture's size and RGB pixels: equal for exact duplicates.

    Args:
        image: A picture in any mode.
    """
    digest = hashlib.sha256(b"%dx%d " % image.size)
    digest.update(image.convert("RGB").tobytes())
    return digest.hexdigest()


def printable_name(name: object) -> str:
    """Return a file's name without its folder, on one line whatever it contains.

    Args:
        name: A path; anything else is called "The picture".
    """
    if not isinstance(name, str | os.PathLike):
        return "The picture"
    name = os.path.basename(os.fsdecode(name).rstrip("/\\")) or os.fsdecode(name)
    return one_line(name)[:120] or "The picture"


def no_memory(source: object) -> ImageError:
    """Return the error to raise or report in place of a `MemoryError`.

    Args:
        source: What was opened.
    """
    name = printable_name(source if isinstance(source, str | os.PathLike) else "the picture")
    return ImageError(f"There is not enough memory for {name}: close other programs and try again.")


def one_line(text: str) -> str:
    """Return text on one line, with "?" for what a terminal cannot show.

    Args:
        text: Any text, such as a path.
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def why_no_file(path: str) -> str | None:
    """Return a sentence if a path is really an address or a picture's content, else None.

    Args:
        path: The path of a file that does not exist.
    """
    if path.startswith("data:") or (len(path) > LONGEST and not Path(path).suffix):
        start = one_line(path[:24])
        return f"{start}... is a picture written as text: save it as a picture file first."
    if ADDRESS.match(path):
        address = one_line(path[:200])
        return f"{address} is an internet address: download the photo and give its path."
    return None


def is_picture(path: str | os.PathLike) -> bool:
    """Return whether a file is meant to be a picture, judging by its suffix or its content.

    Args:
        path: The file; a hidden one does not count.
    """
    path = Path(path)
    if path.name.startswith("."):
        return False
    suffix = path.suffix.lower()[1:]
    return any(suffix in usual for usual in EXTENSIONS.values()) or holds_picture(path)


def holds_picture(path: str | os.PathLike) -> bool:
    """Return whether a file begins like a picture, whatever its name.

    Args:
        path: The file; an empty or unreadable one does not count.
    """
    try:
        with _open_path(path) as file:
            return _begins_as_picture(_rewound(file)[1])
    except (ImageError, OSError):
        return False


Item = TypeVar("Item")
Result = TypeVar("Result")


def map_threaded(
    function: Callable[[Item], Result], items: Sequence[Item], doing: str, progress: bool
) -> list[Result]:
    """Return `[function(item) for item in items]`, computed in threads.

    Opening and scaling pictures releases Python's global lock, so the threads do run in parallel.

    Args:
        function: What to do; the first exception it raises is raised here.
        items: What to do it with.
        doing: A word or two next to the progress bar, such as "reading pictures".
        progress: Show the bar; it disappears at the end.
    """
    with ThreadPoolExecutor() as pool:
        results = pool.map(function, items)
        if progress:
            from tqdm import tqdm

            results = tqdm(results, doing, len(items), unit="file", leave=False)
        return list(results)


def _open_path(path: str | os.PathLike) -> IO[bytes]:
    name = printable_name(path)
    text = os.fsdecode(path)
    try:
        kind = os.stat(text).st_mode
        if stat.S_ISREG(kind):  # a pipe or a device could keep us waiting forever
            return open(text, "rb")
    except FileNotFoundError:
        reason = why_no_file(text) or f"{name} does not exist: check the path."
        raise ImageError(reason) from None
    except PermissionError:
        raise ImageError(f"{name} cannot be read: check its permissions.") from None
    except (OSError, ValueError):
        reason = why_no_file(text) or f"{name} cannot be opened: check the path."
        raise ImageError(reason) from None
    if stat.S_ISDIR(kind):
        raise ImageError(f"{name} is a folder: give a picture file.")
    raise ImageError(f"{name} is not a file: give {READABLE}.")


def _from_file(file: IO[bytes], name: str, at_least: int | None) -> Image.Image:
    try:
        file, head = _rewound(file)
    except MemoryError:
        raise
    except Exception:
        raise ImageError(f"{name} cannot be read: give a file opened with mode 'rb'.") from None
    if not head:
        raise ImageError(f"{name} is empty (zero bytes): copy or download it again.")
    try:
        with _quiet(), Image.open(file, formats=_formats(head)) as image:
            _check_size(image.size, name)
            full = image.size
            if at_least:  # only a JPEG can decode smaller
                width, height = (max(1, side * at_least // max(full)) for side in full)
                image.draft(None, (width, height))
            return _upright_rgb(image, full if image.size != full else None)
    except (ImageError, MemoryError, ImportError):  # the content is not to blame
        raise
    except Image.DecompressionBombError:
        raise ImageError(TOO_LARGE.format(name)) from None
    except Exception as error:  # Pillow raises a dozen kinds of exception for broken files
        if OUT_OF_MEMORY.search(str(error)):
            raise MemoryError from None
        complete = head.startswith(b"\xff\xd8") and _without_end_marker(file, name, at_least)
        if complete:
            return complete
        other = VIDEO if name.lower().endswith(VIDEOS) else NOT_AN_IMAGE
        reason = DAMAGED if _begins_as_picture(head) else other
        raise ImageError(reason.format(name)) from None


def _without_end_marker(file: IO[bytes], name: str, at_least: int | None) -> Image.Image | None:
    """Return the picture of a JPEG that lacks only its end marker, or None if it lacks more."""
    end = b"\xff\xd9"
    with contextlib.suppress(ImageError, OSError):
        file.seek(0)
        data = file.read()
        if data.endswith(end):
            return None
        data = data.rstrip(end[:1])
        # if no pixels are missing, bytes added at the end change none of them
        bare = _from_file(io.BytesIO(data + end), name, at_least)
        if bare == _from_file(io.BytesIO(data + b"\x55" * 1000 + end), name, at_least):
            return bare
    return None


def _rewound(file: IO[bytes]) -> tuple[IO[bytes], bytes]:
    """Return a file and its first bytes; a stream that cannot seek is read into memory."""
    try:
        file.seek(0)
    except (AttributeError, io.UnsupportedOperation):
        file = io.BytesIO(file.read())
    head = bytes(memoryview(file.read(18)))
    file.seek(0)
    return file, head


def _formats(head: bytes) -> tuple[str, ...]:
    """Return the names of the formats to try for a file that begins with `head`."""
    if head[4:8] != b"ftyp":
        return ALLOWED
    if "HEIF" not in Image.OPEN:
        import pillow_heif  # slow to import, and rarely needed

        pillow_heif.register_heif_opener()
    return ALLOWED_FTYP


def _begins_as_picture(head: bytes) -> bool:
    """Return whether a file's first bytes (18 or more) are those of an allowed format."""
    if head.startswith(b"BM") and head[15:16] != b"\0":  # text that happens to begin with BM
        return False
    Image.init()
    accepts = [Image.OPEN[name][1] for name in _formats(head)]
    return any(accept and accept(head) for accept in accepts)


def _from_pil(image: Image.Image, name: str) -> Image.Image:
    _check_size(image.size, name)
    try:
        with _quiet():
            return _upright_rgb(image)
    except MemoryError:
        raise
    except Exception:  # Pillow opens files lazily: this one may be broken or closed
        raise ImageError(DAMAGED.format(name)) from None


def _from_array(array: np.ndarray) -> Image.Image:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4) or not array.size:
        raise ImageError(
            f"The array has the shape {array.shape}: give one picture as (height, width) or "
            "(height, width, channels) with 1, 3 or 4 channels."
        )
    if array.dtype.kind not in "buif":
        raise ImageError("The array does not hold numbers: give pixel values from 0 to 255.")
    _check_size(array.shape[1::-1], "The array")  # before its values are read: it may be huge
    low = float(array.min())
    high = float(array.max())
    if not (low >= 0 and high <= 255):  # true for NaN as well
        raise ImageError(
            f"The array's values go from {low:g} to {high:g}: give pixel values from 0 to 255."
        )
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and high <= 1):
        array = array * 255.0
    pixels = np.rint(array).astype(np.uint8)
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2:] == (1,) else pixels)


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(TOO_LARGE.format(name))
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"{name} is only {width} x {height} pixels: give a picture of at least "
            f"{MIN_SIDE} x {MIN_SIDE}."
        )


def _upright_rgb(image: Image.Image, full: tuple[int, int] | None = None) -> Image.Image:
    """Return an upright RGB copy; `full` is the (width, height) if it is decoded smaller."""
    image.load()
    full = full or full_size(image)
    sideways = False
    try:
        sideways = image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
        upright = ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:  # broken EXIF is no reason to refuse a good picture
        upright = image.copy()
        with contextlib.suppress(Exception):  # in place, it is turned before a broken tag fails
            ImageOps.exif_transpose(upright, in_place=True)
    rgb = _to_rgb(upright)
    # the old info is dropped: its EXIF would turn the picture a second time
    full = full[::-1] if sideways else full
    rgb.info = {"full_size": full, "opened_size": rgb.size, "format": image.format}
    return rgb


def _to_rgb(image: Image.Image) -> Image.Image:
    """Return RGB from any of Pillow's modes; the same object if it is RGB already."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_scaled(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image if image.mode == "RGB" else image.convert("RGB")


def _scaled(values: np.ndarray) -> np.ndarray:
    """Scale 16-bit, 32-bit or float pixels to uint8, by the smallest usual range they fit in."""
    finite = values[np.isfinite(values)]
    low = float(finite.min()) if finite.size else 0.0
    high = float(finite.max()) if finite.size else 0.0
    # cameras and scanners store 10, 12 or 14 bits in 16
    usual = (1, 255, 65535) if values.dtype.kind == "f" else (255, 1023, 4095, 16383, 65535)
    fitting = [top for top in usual if low >= 0 and high <= top]
    if fitting:
        low = 0.0
        high = float(fitting[0])
    precise = values.astype(np.float32 if low == 0 else np.float64)
    known = np.nan_to_num(precise, nan=low, posinf=low, neginf=low)
    return np.rint((known - low) * (255 / max(high - low, 1e-30))).astype(np.uint8)


# without a handler, Pillow's log messages about odd TIFF files would go to the terminal
logging.getLogger("PIL").addHandler(logging.NullHandler())
# libtiff would write to stderr about damaged files, bypassing Python; on Windows it is out of reach
with contextlib.suppress(AttributeError, OSError):
    ctypes.CDLL(Image.core.__file__).TIFFSetErrorHandler(None)
_quiet_lock = threading.Lock()
_quiet_state: dict[str, Any] = {"inside": 0, "saved": None}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence Pillow's warnings; counted, because all threads share Python's warning filters."""
    with _quiet_lock:
        _quiet_state["inside"] += 1
        if _quiet_state["inside"] == 1:
            _quiet_state["saved"] = warnings.catch_warnings()
            _quiet_state["saved"].__enter__()
            warnings.filterwarnings("ignore", module="PIL|pillow_heif")
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_state["inside"] -= 1
            if _quiet_state["inside"] == 0:
                _quiet_state["saved"].__exit__(None, None, None)
