"""Any picture you can name -> an upright RGB picture, or one plain sentence saying why not.

Phones turn, tint, animate and compress their pictures in many ways. All of that ends here: the rest
of emolib sees upright RGB only, with pixel values 0-255.
"""

import contextlib
import hashlib
import io
import logging
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from .errors import EmolibError
from .formats import READABLE, formats_of
from .upright import draft, full_size, upright_rgb

__all__ = [
    "ImageError",
    "Source",
    "full_size",
    "open_image",
    "pixel_digest",
    "printable_name",
    "to_array",
]

Source = str | os.PathLike | bytes | IO[bytes] | Image.Image | np.ndarray

MAX_PIXELS = 100_000_000
MIN_SIDE = 16
DAMAGED = "{} is damaged or cut short: copy or download it again."
TOO_LARGE = "{} has more than 100 megapixels: make it smaller first."


class ImageError(EmolibError):
    """A picture cannot be used; the message is one sentence that says why and what to do."""


def open_image(source: Source, *, at_least: int | None = None) -> Image.Image:
    """Open a picture from anywhere as an upright RGB picture.

    The content decides, not the file's extension. Animations give their first frame, transparency
    becomes white, 16-bit and float pixels are scaled to 0-255.

    Args:
        source: a path, bytes, an open binary file (it stays open), a `PIL.Image` or a numpy array.
            Arrays are RGB or gray, (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), values 0-255; a float
            array with no value above 1 is taken as 0-1.
        at_least: a JPEG may be decoded smaller (2, 4 or 8 times), which is faster and needs less
            memory, as long as its longer side keeps this many pixels.

    Returns:
        An RGB picture. `.info["full_size"]` is the (width, height) of the whole upright picture,
        before `at_least` made it smaller; `.info["format"]` says what the file really holds.

    Raises:
        ImageError: not a picture, damaged, over 100 megapixels, under 16 pixels on a side, or not
            readable at all.
    """
    if isinstance(source, Image.Image):
        return _from_pil(source, "The picture")
    if isinstance(source, np.ndarray):
        return _from_pil(_from_array(source), "The array")
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_file(io.BytesIO(source), "The picture", at_least)
    if hasattr(source, "read"):
        return _from_file(source, printable_name(getattr(source, "name", "")), at_least)
    if not isinstance(source, str | os.PathLike):
        raise ImageError(
            "A picture is given as a path, bytes, an open file, a PIL image or a numpy array, "
            f"and this is none of them: {printable_name(repr(source)[:60])}."
        )
    with _open_path(Path(os.fsdecode(source))) as file:
        return _from_file(file, printable_name(source), at_least)


def to_array(
    image: Image.Image, image_size: tuple[int, int] = (48, 48), channels: int = 1
) -> np.ndarray:
    """Turn a picture into what a network reads; every network of emolib is fed through here.

    Args:
        image: a picture, RGB or gray.
        image_size: (height, width) of the result. A picture of that size comes through unchanged.
        channels: 1 for gray, 3 for RGB.

    Returns:
        float32 array (height, width, channels), values 0-255.
    """
    height, width = image_size
    picture = image.convert("L" if channels == 1 else "RGB")
    if picture.size != (width, height):  # Pillow's filters widen as they shrink: no aliasing
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture, dtype=np.float32).reshape(height, width, channels)


def pixel_digest(image: Image.Image) -> str:
    """SHA-256, in hex, of a picture's size and RGB pixels: equal for exact duplicates only."""
    digest = hashlib.sha256(b"%dx%d " % image.size)
    digest.update(image.convert("RGB").tobytes())
    return digest.hexdigest()


def printable_name(name: object) -> str:
    """The file's name, on one line whatever is in it."""
    if not isinstance(name, str | os.PathLike):
        return "The picture"
    name = os.path.basename(os.fsdecode(name).rstrip("/\\")) or os.fsdecode(name)
    return "".join(c if c.isprintable() else "?" for c in name)[:120] or "The picture"


def _open_path(path: Path) -> IO[bytes]:
    name = printable_name(path)
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise ImageError(f"{name} is a folder: give a picture file.")
        if not stat.S_ISREG(kind):  # a pipe or a device could keep us waiting for ever
            raise ImageError(f"{name} is not a file: give {READABLE}.")
        return path.open("rb")
    except FileNotFoundError:
        raise ImageError(f"{name} does not exist: check the path.") from None
    except PermissionError:
        raise ImageError(f"{name} may not be read: check its permissions.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"{name} cannot be opened: check the path.") from None


def _from_file(file: IO[bytes], name: str, at_least: int | None) -> Image.Image:
    try:
        file, head = _rewound(file)
    except Exception:
        raise ImageError(f"{name} cannot be read: give a file opened with mode 'rb'.") from None
    if not head:
        raise ImageError(f"{name} is empty (zero bytes): copy or download it again.")
    formats = formats_of(head)
    if not formats:
        raise ImageError(f"{name} is not an image: give {READABLE}.")
    try:
        with _quiet(), Image.open(file, formats=formats) as image:
            _check_size(image, name)
            return upright_rgb(image, draft(image, at_least) if at_least else None)
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(TOO_LARGE.format(name)) from None
    except Exception:  # Pillow answers broken files with a dozen kinds of exception
        raise ImageError(DAMAGED.format(name)) from None


def _from_pil(image: Image.Image, name: str) -> Image.Image:
    _check_size(image, name)
    try:
        with _quiet():
            return upright_rgb(image)
    except Exception:  # PIL opens files lazily: this one may be broken, or closed
        raise ImageError(DAMAGED.format(name)) from None


def _rewound(file: IO[bytes]) -> tuple[IO[bytes], bytes]:
    """The file, and its first bytes; a stream that cannot go back is read into memory."""
    try:
        file.seek(0)
    except (AttributeError, io.UnsupportedOperation):
        file = io.BytesIO(file.read())
    head = bytes(memoryview(file.read(18)))
    file.seek(0)
    return file, head


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(TOO_LARGE.format(name))
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"{name} is only {width} x {height} pixels: give a picture of at least "
            f"{MIN_SIDE} x {MIN_SIDE}."
        )


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or not array.size:
        raise ImageError(
            f"The array has the shape {array.shape}: give one picture as (height, width) or "
            "(height, width, channels) with 1, 3 or 4 channels."
        )
    if array.dtype.kind not in "buif":
        raise ImageError("The array holds no numbers: give pixel values from 0 to 255.")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 255):  # NaN ends here, too
        raise ImageError(
            f"The array's values go from {low:g} to {high:g}: give pixel values from 0 to 255."
        )
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and high <= 1):
        array = array * 255.0
    return Image.fromarray(np.rint(array).astype(np.uint8))


# without a handler of its own, what Pillow logs of odd TIFF files would go to the terminal
logging.getLogger("PIL").addHandler(logging.NullHandler())
_quiet_lock = threading.Lock()
_quiet_state: dict = {"inside": 0, "saved": None}


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
