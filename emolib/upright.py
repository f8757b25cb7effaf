"""A picture that Pillow has opened, of any mode and turned in any way -> an upright RGB copy."""

import numpy as np
from PIL import Image

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
