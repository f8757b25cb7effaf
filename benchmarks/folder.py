"""A folder of thousands of files: files per second, and memory that stays flat.

    python benchmarks/folder.py

`emolib predict` answers a tenth of each folder, then all of it: the peak should hardly differ. The
baseline decodes the same files with Pillow, one after the other. A hundred files are different
pictures, the others are links to them: small on disk, but the same work.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

from measure import Run, arguments, in_turns, print_table, ratio, run

DIFFERENT = 100
DECODE = """
import pathlib, sys
from PIL import Image
for path in pathlib.Path(sys.argv[1]).iterdir():
    with Image.open(path) as image:
        image.load()
"""
BASELINE = "Pillow, full decode: "


def main() -> None:
    parser = arguments("Measure folders of many files.", repeats=3)
    parser.add_argument("--faces", type=int, default=10_000, help="cropped faces of 48 x 48")
    parser.add_argument("--photos", type=int, default=500, help="photos as large as a selfie")
    args = parser.parse_args()
    cases: dict[str, Callable[[], Run]] = {}
    with tempfile.TemporaryDirectory() as place:
        for kind, n in (("faces", args.faces), ("photos", args.photos)):
            pictures = make(Path(place) / kind, kind, min(n, DIFFERENT))
            for part in (max(1, n // 10), n):
                folder = fill(Path(place) / f"{part}_{kind}", pictures, part)
                words = ["-m", "emolib", "predict", folder, "--model", args.model]
                words += ["--face"] if kind == "faces" else []
                cases[f"{part:,} {kind}"] = lambda words=words: run(words)
                decode = ["-c", DECODE, folder]
                cases[f"{BASELINE}{part:,} {kind}"] = lambda decode=decode: run(decode)
        runs = in_turns(cases, args.repeats, warm_up=False)
    print_table(
        ["", "seconds", "files a second", "of Pillow's time", "peak MB"],
        [row(name, runs) for name in cases if not name.startswith(BASELINE)],
    )


def make(folder: Path, kind: str, n: int) -> list[Path]:
    """Write n different pictures, in other processes so that this one stays small."""
    folder.mkdir()
    paths = [folder / f"{i}.jpg" for i in range(n)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(write, paths, range(n), [kind] * n))
    return paths


def fill(folder: Path, pictures: list[Path], n: int) -> Path:
    """Fill a folder with n links to pictures."""
    folder.mkdir()
    for i in range(n):
        os.link(pictures[i % len(pictures)], folder / f"{i:06}.jpg")
    return folder


def write(path: Path, seed: int, kind: str) -> None:
    """Write a selfie framed, lit and mirrored at random, or the face in it."""
    import numpy as np
    from PIL import ImageEnhance, ImageOps

    from emolib.data import selfies
    from emolib.faces import find_faces
    from emolib.images import open_image

    rng = np.random.default_rng(seed)
    image = open_image(selfies()[seed % 10])
    width, height = image.size
    part = rng.uniform(0.85, 1)
    left, top = rng.uniform(0, 1 - part, 2) * image.size
    image = image.resize(image.size, box=(left, top, left + part * width, top + part * height))
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.7, 1.3))
    if rng.random() < 0.5:
        image = ImageOps.mirror(image)
    if kind == "faces":
        image = find_faces(image)[0].crop(image, size=48).convert("L")
    image.save(path, quality=90)


def row(name: str, runs: dict[str, list[Run]]) -> list[str]:
    """Return one row of the table."""
    n = int(name.split()[0].replace(",", ""))
    times = [one.seconds for one in runs[name]]
    decode = [one.seconds for one in runs[BASELINE + name]]
    return [
        name,
        f"{median(times):.1f}",
        f"{n / median(times):.0f}",
        f"{ratio(times, decode):.2f}",
        f"{median(one.peak for one in runs[name]):.0f}",
    ]


if __name__ == "__main__":
    main()
