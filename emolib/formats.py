"""What kind of picture a file holds, told by its first bytes."""

import os
import re
from pathlib import Path

from PIL import Image

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
