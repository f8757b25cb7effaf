"""Folders of pictures become examples: scanned, split without leaks, batched.

A folder is a label: `folder/happy/*.jpg` are happy faces. Notebook 01 explains each step.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import EmolibError
from .images import ImageError, open_image, pixel_digest, to_array

if TYPE_CHECKING:
    import tensorflow as tf

# what people call the folders of a data set that comes already split
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}


class DataError(EmolibError):
    """A folder of pictures cannot be used as it is; the message says why."""


@dataclass(frozen=True)
class Row:
    """One file of a data set.

    Attributes:
        path: Where the file is.
        class_name: The name of the folder it stands in.
        split: "train", "validation", "test", or None where the data set is not split.
        size: Bytes of the file.
        digest: SHA-256 of its upright pixels in hex; "" when the file cannot be read.
    """

    path: Path
    class_name: str
    split: str | None
    size: int
    digest: str


@dataclass(frozen=True)
class Dataset:
    """A scanned folder: its class names, sorted, and one row a file.

    Attributes:
        folder: The scanned folder.
        class_names: Sorted folder names; a label is an index into it.
        rows: One `Row` a file, readable or not.
    """

    folder: Path
    class_names: list[str]
    rows: list[Row]

    def of(self, split: str) -> list[Row]:
        """Return the readable rows of one split ("train", "validation" or "test")."""
        return [row for row in self.rows if row.split == split and row.digest]

    def labels(self, rows: Sequence[Row]) -> np.ndarray:
        """Return the labels of rows, int32 of shape (n,), indices into `class_names`."""
        index = {name: i for i, name in enumerate(self.class_names)}
        return np.array([index[row.class_name] for row in rows], np.int32)

    def counts(self) -> dict[str, Counter]:
        """Return {split or "all": Counter of class names}, of the readable rows."""
        counts: dict[str, Counter] = defaultdict(Counter)
        for row in self.rows:
            if row.digest:
                counts[row.split or "all"][row.class_name] += 1
        return dict(counts)

    def digest(self) -> str:
        """Return one hash of all pictures, classes and splits, whatever the files' order."""
        lines = sorted(f"{row.split} {row.class_name} {row.digest}" for row in self.rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def scan(
    folder: str | os.PathLike, classes: Iterable[str] | None = None, progress: bool = False
) -> Dataset:
    """List a data set's files with class, split, size and a hash of their pixels.

    The folder holds one folder a class, or `train/`, `test/` (and `validation/`) with one
    folder a class each. FER2013's `PublicTest_*` files are its official validation set and
    count as such. Hidden files are passed over.

    Args:
        folder: The data set's folder.
        classes: Names of the class folders to keep; all by default.
        progress: Show a progress bar.

    Returns:
        The data set; unreadable files are listed too, with an empty digest.

    Raises:
        DataError: No such folder, no class folder in it, or a class that is not there.
    """
    folder = Path(folder)
    places = _class_folders(folder)
    class_names = sorted({path.name for path, _ in places})
    wanted = list(dict.fromkeys(classes)) if classes is not None else class_names
    missing = [name for name in wanted if name not in class_names]
    if missing:
        raise DataError(
            f"{folder} has no class folder {', '.join(missing)}: it has {_listed(class_names)}."
        )
    found = [
        (path, place.name, _official_split(path, split))
        for place, split in places
        if place.name in wanted
        for path in sorted(place.rglob("*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]
    if not found:
        raise DataError(f"{folder} holds no file in its class folders: put pictures into them.")
    with ThreadPoolExecutor() as pool:
        rows = pool.map(_row, *zip(*found, strict=True))
        if progress:
            from tqdm import tqdm

            rows = tqdm(rows, "reading pictures", len(found), unit="file", leave=False)
        return Dataset(folder, sorted(wanted), list(rows))


def class_names_in(folder: str | os.PathLike) -> list[str]:
    """Return the sorted names of a data set's class folders, without reading a picture."""
    return sorted({path.name for path, _ in _class_folders(Path(folder))})


def _class_folders(folder: Path) -> list[tuple[Path, str | None]]:
    """Return (class folder, split) for each class folder under a data set's folder."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder: give the folder that holds one folder a class.")
    inside = _visible_folders(folder)
    splits = [path for path in inside if path.name.lower() in SPLIT_FOLDERS]
    if any(path.name.lower().startswith("train") for path in splits):
        places = [(c, SPLIT_FOLDERS[s.name.lower()]) for s in splits for c in _visible_folders(s)]
    else:
        places = [(path, None) for path in inside]
    if not places:
        raise DataError(
            f"{folder} has no class folders: put each class's pictures into a folder of its "
            "own, such as happy/ and sad/."
        )
    return places


def _visible_folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._")


def _official_split(path: Path, split: str | None) -> str | None:
    return "validation" if split == "test" and path.name.startswith("PublicTest_") else split


def _row(path: Path, class_name: str, split: str | None) -> Row:
    try:
        digest = pixel_digest(open_image(path))
    except ImageError:
        digest = ""
    return Row(path, class_name, split, path.stat().st_size, digest)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (" and more" if len(names) > 10 else "")


def without_leaks(rows: Sequence[Row]) -> list[Row]:
    """Drop what would leak or mislead: duplicates across splits, extra copies to learn from.

    A test picture is dropped from validation and training, a validation picture from
    training. Among the training pictures (and those not split yet) one copy stays, none when
    the same picture stands under two classes. Validation and test sets are else left as they
    are, so that figures stay comparable. Unreadable rows are dropped.

    Args:
        rows: Rows of a scan.

    Returns:
        The rows to use, in their old order.
    """
    readable = [row for row in rows if row.digest]
    test = {row.digest for row in readable if row.split == "test"}
    held_out = test | {row.digest for row in readable if row.split == "validation"}
    learn = [row for row in readable if row.split in (None, "train")]
    classes = defaultdict(set)
    for row in learn:
        classes[row.digest].add(row.class_name)
    seen = set(held_out)
    kept = []
    for row in readable:
        if row.split == "test" or (row.split == "validation" and row.digest not in test):
            kept.append(row)
        elif row.digest not in seen and len(classes[row.digest]) == 1:
            seen.add(row.digest)
            kept.append(row)
    return kept


def split(dataset: Dataset, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> Dataset:
    """Give every picture its split, and never the same picture two of them.

    Splits that the folders already say are kept; a missing validation set is taken from the
    training pictures. Copies of one picture (equal digests) always go together. Each class
    is divided in the same proportions. The result depends on the seed and the pictures, not
    on the files' order.

    Args:
        dataset: A scanned data set.
        validation: Share of the pictures to choose with, 0-1.
        test: Share of the pictures to judge with, 0-1; not used where a test set exists.
        seed: Seed of the draw.

    Returns:
        The data set without unreadable rows, every row with a split.

    Raises:
        DataError: A class has too few different pictures.
    """
    rows = without_leaks(dataset.rows)
    present = {row.split for row in rows}
    shares = {
        "validation": 0.0 if "validation" in present else validation,
        "test": 0.0 if "test" in present else test,
    }
    rng = random.Random(seed)
    new_split: dict[str, str] = {}
    for name in dataset.class_names:
        digests = sorted(
            row.digest for row in rows if row.class_name == name and row.split in (None, "train")
        )
        needed = 1 + sum(share > 0 for share in shares.values())
        if len(digests) < needed:
            raise DataError(
                f"{dataset.folder} has {len(digests)} different readable pictures of class {name} "
                f"to learn from: it needs at least {needed}."
            )
        rng.shuffle(digests)
        total = len(digests)
        for part, share in shares.items():
            n = max(1, round(share * total)) if share else 0
            n = min(n, len(digests) - 1)
            new_split.update(dict.fromkeys(digests[:n], part))
            digests = digests[n:]
        new_split.update(dict.fromkeys(digests, "train"))
    rows = [
        replace(row, split=new_split[row.digest]) if row.split in (None, "train") else row
        for row in rows
    ]
    return Dataset(dataset.folder, dataset.class_names, rows)


def load_images(
    rows: Sequence[Row],
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
    progress: bool = False,
) -> np.ndarray:
    """Read pictures into one array, on all cores.

    Args:
        rows: Readable rows.
        image_size: (height, width) in pixels.
        channels: 1 for gray, 3 for RGB.
        progress: Show a progress bar.

    Returns:
        uint8 array (n, height, width, channels), pixel values 0-255.

    Raises:
        ImageError: A file cannot be read any more.
    """
    images = np.empty((len(rows), *image_size, channels), np.uint8)

    def read(i: int) -> None:
        images[i] = to_array(open_image(rows[i].path), image_size, channels)

    with ThreadPoolExecutor() as pool:
        done = pool.map(read, range(len(rows)))
        if progress:
            from tqdm import tqdm

            done = tqdm(done, "loading pictures", len(rows), unit="file", leave=False)
        for _ in done:
            pass
    return images


def batches(
    images: np.ndarray,
    labels: np.ndarray,
    batch_size: int = 64,
    shuffle: bool = False,
    augment: Callable[..., Any] | None = None,
    seed: int = 0,
) -> tf.data.Dataset:
    """Serve examples to Keras in batches, shuffled anew each epoch and augmented if asked.

    Args:
        images: uint8 or float array (n, height, width, channels), pixel values 0-255.
        labels: Targets, shape (n,) or (n, k).
        batch_size: Pictures in a batch.
        shuffle: Shuffle before every epoch.
        augment: A Keras layer or model from pictures to changed pictures of the same shape.
        seed: Seed of the shuffling.

    Returns:
        A `tf.data.Dataset` of (float32 images, labels).
    """
    import tensorflow as tf

    ds = tf.data.Dataset.from_tensor_slices((images, labels))
    if shuffle:
        ds = ds.shuffle(len(images), seed=seed)
    ds = ds.batch(batch_size).map(lambda x, y: (tf.cast(x, tf.float32), y))
    if augment is not None:
        ds = ds.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=2)
    return ds.prefetch(tf.data.AUTOTUNE)


# where pictures come from stands in `sources`, which is loaded when first needed
_SOURCES = ("download_fer2013", "open_folder", "portraits", "selfies")


def __getattr__(name: str) -> Any:
    if name in _SOURCES:
        from . import sources

        return getattr(sources, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
