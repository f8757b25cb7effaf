"""Make broken, odd and hostile picture files: `python tests/bad_images.py [FOLDER]`.

`make(folder)` writes them and returns one `Case` per file: what `open_image` must do with it.
"""

from __future__ import annotations

import io
import os
import struct
import sys
import wave
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RED = (220, 30, 40)
WHITE = (255, 255, 255)
Files = dict[str, tuple[bytes, str]]  # {file name: (content, part of the sentence)}


@dataclass(frozen=True)
class Case:
    """A file; `says` is a part of the error sentence, None if the file must open.

    An opened picture must have this `size`, and this `color` in its middle, to within 12 (None:
    any color).
    """

    path: Path
    says: str | None = None
    size: tuple[int, int] | None = (64, 48)
    color: tuple[int, int, int] | None = RED


def picture(
    mode: str = "RGB", size: tuple[int, int] = (64, 48), color: tuple[int, int, int] = RED
) -> Image.Image:
    return Image.new("RGB", size, color).convert(mode)


def encoded(format: str, image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or picture()).save(file, format, **options)
    return file.getvalue()


def noisy(size: tuple[int, int] = (160, 120)) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(
    width: int = 64,
    height: int = 48,
    extra: bytes = b"",
    rows: bytes | None = None,
    crc: int | None = None,
    depth: int = 8,
) -> bytes:
    """Return a PNG made by hand, so that anything in it can be wrong."""
    rows = (b"\0" + bytes(RED) * width) * height if rows is None else rows
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    data = chunk(b"IHDR", header, crc) + extra + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b"")


def tiff(width: int, height: int, data: bytes = b"\0" * 64) -> bytes:
    """Return a gray TIFF made by hand."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
    tags += [(273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    start = struct.pack("<2sHI", b"II", 42, 8 + len(data))
    return start + data + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"


def heif(image: Image.Image | None = None) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return encoded("HEIF", image)


def animated(format: str, mode: str = "RGB") -> bytes:
    frames = [picture(mode), picture(mode, color=(0, 0, 255))]
    return encoded(format, frames[0], save_all=True, append_images=frames[1:], duration=50)


def turned(orientation: int) -> bytes:
    """Return a JPEG whose upright version is red on the left and blue on the right."""
    upright = Image.new("RGB", (64, 48), RED)
    upright.paste((0, 0, 255), (32, 0, 64, 48))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # PIL.Image.Transpose, reversed
    stored = upright if orientation == 1 else upright.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded("JPEG", stored, exif=exif, quality=95)


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\0\1" * 4000)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("a.png", encoded("PNG"))
    return file.getvalue()


def not_images() -> Files:
    text = {
        "text.jpg": b"Dear diary, today was a day.\n" * 9,
        "page.jpg": b"<!DOCTYPE html><html><body>404 not found</body></html>",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>',
        "paper.pdf": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        "program.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 48\n(x) run\n",
        "pixels.ppm": encoded("PPM"),
        "icon.ico": encoded("ICO", picture("RGBA")),
        "photoshop.psd": b"8BPS\0\1" + b"\0" * 40,
        "archive.png": archive(),
        "sound.png": sound(),
        "noughts.jpg": b"\0" * 5000,
        "random.jpg": b"\7" + np.random.default_rng(1).bytes(5000),
        "one_byte.jpg": b"\xff",
        "heading.bmp": b"BM is how this text starts, but it is no bitmap.",
    }
    return {name: (data, "is not an image") for name, data in text.items()}


def cut_short() -> Files:
    formats = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
    whole = {name: encoded(name, noisy()) for name in formats}
    whole["TIFF"] = encoded("TIFF", noisy(), compression="tiff_lzw")
    whole["HEIC"] = heif(noisy())
    files = {}
    for name, data in whole.items():
        for part in (0.02, 0.3, 0.9):
            length = max(20, int(len(data) * part))
            files[f"cut_{part}.{name.lower()}"] = data[:length]
    files["head_only.png"] = whole["PNG"][:33]
    files["head_only.jpg"] = whole["JPEG"][:25]
    return {name: (data, "is damaged") for name, data in files.items()}


def damaged() -> Files:
    text_bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000))
    color_bomb = chunk(b"iCCP", b"icc\0\0" + zlib.compress(b"\0" * 50_000_000))
    files = {
        "wrong_crc.png": png(crc=12345),
        "no_pixels.png": png(rows=b""),
        "no_such_depth.png": png(depth=7),
        "text_bomb.png": png(extra=text_bomb),
        "color_bomb.png": png(extra=color_bomb),
        "random_inside.jpg": encoded("JPEG")[:20] + np.random.default_rng(2).bytes(3000),
        "random_inside.webp": b"RIFF\0\1\0\0WEBPVP8 " + np.random.default_rng(3).bytes(300),
        "random_inside.tif": b"II*\0" + np.random.default_rng(4).bytes(3000),
        "random_inside.heic": b"\0\0\0\x18ftypheic" + np.random.default_rng(5).bytes(3000),
        "random_inside.avif": b"\0\0\0\x18ftypavif" + np.random.default_rng(6).bytes(3000),
        "no_such_place.tif": b"II*\0\xff\xff\xff\x7f",
        "loop.tif": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
        "few_pixels.tif": tiff(64, 48),
    }
    return {name: (data, "is damaged") for name, data in files.items()}


def too_large_or_small() -> Files:
    gif = bytearray(encoded("GIF"))
    gif[6:10] = struct.pack("<HH", 65535, 65535)
    jpeg = bytearray(encoded("JPEG"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", 65000, 65000)
    bmp = bytearray(encoded("BMP"))
    bmp[18:26] = struct.pack("<ii", 40000, 40000)
    large = {
        "bomb.png": png(50000, 50000, rows=b"\0" * 1_000_000),
        "just_over.png": png(10001, 10000, rows=b""),
        "bomb.gif": bytes(gif),
        "bomb.jpg": bytes(jpeg),
        "bomb.bmp": bytes(bmp),
        "bomb.tif": tiff(4_000_000_000, 4_000_000_000),
    }
    small = {"dot.png": (1, 1), "line.png": (400, 15), "narrow.png": (15, 400)}
    files = {name: (data, "more than 100 megapixels") for name, data in large.items()}
    for name, size in small.items():
        files[name] = (encoded("PNG", picture(size=size)), f"is only {size[0]} x {size[1]} pixels")
    return files


def odd() -> dict[str, tuple[bytes, dict[str, Any]]]:
    """Return odd files that are pictures: {name: (content, what differs from 64 x 48 red)}."""
    clear = Image.new("RGBA", (64, 48), (*RED, 0))
    half = Image.new("LA", (64, 48), (0, 128))
    deep = np.full((48, 64), 128 * 257, np.uint16)
    gray = {"color": (128, 128, 128)}
    palette = picture().quantize(4)
    with_icc = encoded("JPEG", icc_profile=b"junk" * 99)
    comment = b"x" * 65000
    files = {
        "smallest.png": (encoded("PNG", picture(size=(16, 16))), {"size": (16, 16)}),
        "cmyk.jpg": (encoded("JPEG", picture("CMYK")), {}),
        "cmyk.tif": (encoded("TIFF", picture("CMYK")), {}),
        "lab.tif": (encoded("TIFF", Image.new("LAB", (64, 48), (128, 0, 0))), {"color": None}),
        "progressive.jpg": (encoded("JPEG", progressive=True), {}),
        "gray.jpg": (encoded("JPEG", Image.new("L", (64, 48), 128)), gray),
        "deep.png": (encoded("PNG", Image.fromarray(deep)), gray),
        "deep.tif": (encoded("TIFF", Image.fromarray(deep)), gray),
        "deep_motorola.tif": (encoded("TIFF", Image.fromarray(deep.astype(">u2"))), gray),
        "whole_numbers.tif": (encoded("TIFF", Image.fromarray(deep.astype(np.int32))), gray),
        "float_1.tif": (encoded("TIFF", Image.fromarray(np.float32(deep / 65535))), gray),
        "float_255.tif": (encoded("TIFF", Image.fromarray(np.float32(deep / 257))), gray),
        "not_a_number.tif": (
            encoded("TIFF", Image.fromarray(np.full((48, 64), np.nan, np.float32))),
            {"color": (0, 0, 0)},
        ),
        "one_bit.png": (encoded("PNG", Image.new("1", (64, 48), 1)), {"color": WHITE}),
        "one_bit.tif": (
            encoded("TIFF", Image.new("1", (64, 48), 1), compression="group4"),
            {"color": WHITE},
        ),
        "palette.png": (encoded("PNG", palette), {}),
        "palette_clear.png": (
            encoded("PNG", palette, transparency=palette.getpixel((0, 0))),
            {"color": WHITE},
        ),
        "palette_bytes.png": (encoded("PNG", palette, transparency=b"\0" * 256), {"color": WHITE}),
        "rgb_clear.png": (encoded("PNG", transparency=RED), {"color": WHITE}),
        "clear.png": (encoded("PNG", clear), {"color": WHITE}),
        "clear.webp": (encoded("WEBP", clear, lossless=True), {"color": WHITE}),
        "clear.gif": (
            encoded("GIF", palette, transparency=palette.getpixel((0, 0))),
            {"color": WHITE},
        ),
        "half_clear.png": (encoded("PNG", half), {"color": (127, 127, 127)}),
        "animated.gif": (animated("GIF"), {}),
        "animated.webp": (animated("WEBP"), {}),
        "animated.png": (animated("PNG"), {}),
        "pages.tif": (animated("TIFF"), {}),
        "two_views.mpo": (animated("MPO"), {}),
        "photo.heic": (heif(), {}),
        "photo.avif": (encoded("AVIF"), {}),
        "photo.webp": (encoded("WEBP"), {}),
        "photo.bmp": (encoded("BMP"), {}),
        "png_inside.jpg": (encoded("PNG"), {}),
        "jpeg_inside.png": (encoded("JPEG"), {}),
        "no_extension": (encoded("JPEG"), {}),
        "UPPER.JPG": (encoded("JPEG"), {}),
        "broken_exif.jpg": (encoded("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"z" * 50), {}),
        "junk_exif.webp": (encoded("WEBP", exif=b"no exif at all"), {}),
        "junk_profile.jpg": (with_icc, {}),
        "junk_behind.jpg": (encoded("JPEG") + b"<?php" + b"\0" * 10000, {}),
        "much_comment.jpg": (
            encoded("JPEG")[:2] + (b"\xff\xfe\xfd\xea" + comment) * 40 + encoded("JPEG")[2:],
            {},
        ),
        "two words \U0001f600 \xe9.jpg": (encoded("JPEG"), {}),
        "two\nlines.jpg": (encoded("JPEG"), {}),
    }
    sideways = {f"turned_{n}.jpg": (turned(n), {"color": None}) for n in range(1, 9)}
    return files | sideways


def places(folder: Path) -> list[Case]:
    """Return the cases of paths that are not files."""
    (folder / "folder.jpg").mkdir(exist_ok=True)
    cases = [
        Case(folder / "folder.jpg", "is a folder"),
        Case(folder / "missing.jpg", "does not exist"),
        Case(folder / "a" / "b.jpg", "does not exist"),
        Case(Path("nul\0byte.jpg"), "cannot be opened"),
        Case(folder / ("long" * 100 + ".jpg"), "cannot be opened"),
    ]
    if os.name == "posix":
        (folder / "loop.jpg").unlink(missing_ok=True)
        (folder / "loop.jpg").symlink_to("loop.jpg")
        (folder / "pipe.jpg").unlink(missing_ok=True)
        os.mkfifo(folder / "pipe.jpg")
        cases += [Case(folder / "loop.jpg", "cannot be opened")]
        cases += [Case(folder / "pipe.jpg", "is not a file")]
        cases += [Case(Path("/dev/zero"), "is not a file")]
    return cases


def make(folder: Path) -> list[Case]:
    """Write all files into `folder`, and return their cases."""
    folder.mkdir(parents=True, exist_ok=True)
    refused = not_images() | cut_short() | damaged() | too_large_or_small()
    refused["zero_bytes.jpg"] = (b"", "is empty")
    cases = places(folder)
    for name, (data, says) in refused.items():
        if _write(folder / name, data):
            cases.append(Case(folder / name, says))
    for name, (data, differs) in odd().items():
        if _write(folder / name, data):
            cases.append(Case(folder / name, **differs))
    return cases


def _write(path: Path, data: bytes) -> bool:
    try:
        path.write_bytes(data)
        return True
    except OSError:  # Windows does not allow every name
        return False


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "bad_images"
    print(f"{len(make(target))} cases in {target}")
