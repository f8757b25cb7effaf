"""Any picture you can name -> an upright RGB picture, or one plain sentence saying why not.

Phones turn, tint, animate and compress their pictures in many ways. All of that ends here: the rest
of emolib sees upright RGB only, with pixel values 0-255.
"""

from __future__ import annotations

import contextlib
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
from typing import IO, TypeVar

import numpy as np
from PIL import Image

from .errors import EmolibError

# nothing else is ever tried: some of Pillow's other formats start programs (EPS: Ghostscript)
SIGNATURES = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF....WEBP",
    "BMP": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0",
    "GIF": rb"GIF8[79]a",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "AVIF": rb"....ftyp(avi[fs]|mif1|msf1)",
    "HEIF": rb"....ftyp(he(ic|ix|im|is|vc|vx|vm|vs)|mif1|msf1)",
}
# the usual extensions of each
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
READABLE = "a JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF or HEIC file"


def is_picture(path: str | os.PathLike) -> bool:
    """Say whether a file is meant as a picture, by its suffix or its first bytes; hidden: no."""
    path = Path(path)
    if path.name.startswith("."):
        return False
    if any(path.suffix.lower()[1:] in usual for usual in EXTENSIONS.values()):
        return True
    try:
        with path.open("rb") as file:
            return bool(formats_of(file.read(18)))
    except OSError:
        return False


def formats_of(head: bytes) -> tuple[str, ...]:
    """Return the formats that a file's first bytes (18 or more) announce."""
    formats = tuple(f for f, start in SIGNATURES.items() if re.match(start, head, re.DOTALL))
    if "HEIF" in formats and "HEIF" not in Image.OPEN:
        import pillow_heif  # slow to load, and seldom needed

        pillow_heif.register_heif_opener()
    return formats


ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_rgb(image: Image.Image, full: tuple[int, int] | None = None) -> Image.Image:
    """A copy of an opened picture; `full` is its size, where it decodes smaller."""
    image.load()
    full = full or full_size(image)
    orientation = _orientation(image)
    turned = image.transpose(TURNS[orientation]) if orientation in TURNS else image
    rgb = _to_rgb(turned)
    rgb = image.copy() if rgb is image else rgb
    if orientation in TURNS and orientation >= 5:
        full = full[::-1]
    # the old info goes: its EXIF would turn the picture a second time
    rgb.info = {"full_size": full, "opened_size": rgb.size, "format": image.format}
    return rgb


def full_size(image: Image.Image) -> tuple[int, int]:
    """(width, height) of the picture this one was opened from, in the original's pixels.

    Resized or cropped since `open_image`? Then the picture stands for itself.
    """
    opened = image.info.get("opened_size") == image.size
    return image.info["full_size"] if opened else image.size


def draft(image: Image.Image, at_least: int) -> tuple[int, int] | None:
    """Let a JPEG decode smaller, keeping `at_least` pixels; return its full size if it will."""
    full = image.size
    longer = max(full)
    if image.format in ("JPEG", "MPO") and longer > at_least:
        image.draft(None, tuple(max(1, side * at_least // longer) for side in full))
    return full if image.size != full else None


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken EXIF is no reason to refuse a good picture
        return 1


def _to_rgb(image: Image.Image) -> Image.Image:
    """RGB from any of Pillow's modes; the same object when it is RGB already."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_scaled(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image if image.mode == "RGB" else image.convert("RGB")


def _scaled(values: np.ndarray) -> np.ndarray:
    """16-bit, 32-bit or float pixels -> uint8, by the smallest usual range that holds them."""
    known = np.isfinite(values)
    low, high = (values[known].min(), values[known].max()) if known.any() else (0, 0)
    if values.dtype.kind == "u" or (low >= 0 and 255 < high <= 65535):
        low, high = 0, 65535
    elif low >= 0 and values.dtype.kind == "f" and high <= 1:
        low, high = 0, 1
    elif low >= 0 and high <= 255:
        low, high = 0, 255
    low, high = float(low), float(high)
    values = np.where(known, values, low).astype(np.float32 if low == 0 else np.float64)
    return np.rint((values - low) * (255 / max(high - low, 1e-30))).astype(np.uint8)


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


Item = TypeVar("Item")
Result = TypeVar("Result")


def map_threaded(
    function: Callable[[Item], Result], items: Sequence[Item], doing: str, progress: bool
) -> list[Result]:
    """Return `[function(item) for item in items]`, worked out in threads.

    Opening and scaling pictures frees Python's lock, so that threads do run at once.

    Args:
        function: What to do; the first exception it raises is raised here.
        items: What to do it with.
        doing: A word or two beside the progress bar, such as "reading pictures".
        progress: Show the bar; it vanishes at the end.
    """
    with ThreadPoolExecutor() as pool:
        results = pool.map(function, items)
        if progress:
            from tqdm import tqdm

            results = tqdm(results, doing, len(items), unit="file", leave=False)
        return list(results)
