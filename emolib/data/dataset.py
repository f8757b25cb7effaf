"""List a folder of pictures, one row per file, and serve it as arrays and batches.

A folder is a label: `folder/happy/*.jpg` are happy faces. Notebook 01 explains it.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EmolibError
from ..images import ImageError, map_threaded, open_image, pixel_digest, to_array

if TYPE_CHECKING:
    import tensorflow as tf

# usual names of the folders of a data set that is already split
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
# (path, class name, split)
File = tuple[Path, str, str | None]


class DataError(EmolibError):
    """A folder of pictures cannot be used as it is; the message says why."""


@dataclass(frozen=True)
class Row:
    """One file of a data set.

    Attributes:
        path: Path of the file.
        class_name: Name of its class folder.
        split: "train", "validation", "test", or None if the data set is not split.
        size: File size in bytes.
        digest: SHA-256 of its upright pixels in hex; "" if the file cannot be read.
    """

    path: Path
    class_name: str
    split: str | None
    size: int
    digest: str


@dataclass(frozen=True)
class Dataset:
    """A scanned folder: its class names and one row per file.

    Attributes:
        folder: The scanned folder.
        class_names: Sorted folder names; a label is an index into them.
        rows: One `Row` per file, readable or not.
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

    def counts(self) -> dict[str, dict[str, int]]:
        """Return {split or "all": {class name: number of readable files}}."""
        counts: dict[str, Counter] = defaultdict(Counter)
        for row in self.rows:
            if row.digest:
                counts[row.split or "all"][row.class_name] += 1
        return {name: dict(count) for name, count in counts.items()}

    def digest(self) -> str:
        """Return one hash of all pictures, classes and splits; file order does not matter."""
        lines = sorted(f"{row.split} {row.class_name} {row.digest}" for row in self.rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def scan(
    folder: str | os.PathLike, classes: Iterable[str] | None = None, progress: bool = False
) -> Dataset:
    """List a data set's files with class, split, size and a hash of their pixels.

    The folder has one folder per class, or `train/`, `test/` (and `validation/`) with one
    folder per class each. FER2013's `PublicTest_*` files are its official validation set and
    count as such. Hidden files are skipped.

    Args:
        folder: The data set's folder.
        classes: Names of the class folders to keep; all by default.
        progress: Show a progress bar.

    Returns:
        The data set; unreadable files are listed too, with an empty digest.

    Raises:
        DataError: The folder does not exist, has no class folders, or lacks one of `classes`.
    """
    wanted = class_names_in(folder) if classes is None else list(classes)
    rows = map_threaded(_row, files_in(folder, wanted), "reading pictures", progress)
    return Dataset(Path(folder), sorted(set(wanted)), rows)


def files_in(folder: str | os.PathLike, classes: Iterable[str] | None = None) -> list[File]:
    """List a data set's files as (path, class name, split), without opening any.

    Args:
        folder: The data set's folder, as in `scan`.
        classes: Names of the class folders to keep; all by default.

    Raises:
        DataError: As in `scan`.
    """
    folder = Path(folder)
    class_names = class_names_in(folder)
    wanted = class_names if classes is None else list(dict.fromkeys(classes))
    missing = [name for name in wanted if name not in class_names]
    if missing:
        raise DataError(
            f"{folder} has no class folder {', '.join(missing)}: it has {_listed(class_names)}."
        )
    found = [
        (path, place.name, _official_split(path, split))
        for place, split in _class_folders(folder)
        if place.name in wanted
        for path in sorted(place.rglob("*"))
        if path.is_file() and not is_hidden(path, folder)
    ]
    if not found:
        raise DataError(f"{folder} has no files in its class folders: put pictures into them.")
    return found


def class_names_in(folder: str | os.PathLike) -> list[str]:
    """Return the sorted names of a data set's class folders, without reading a picture."""
    return sorted({path.name for path, _ in _class_folders(Path(folder))})


def is_hidden(path: Path, folder: Path) -> bool:
    """Return whether a file, or a folder that it is in below `folder`, is hidden."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


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
        ImageError: A file can no longer be read.
    """
    images = np.empty((len(rows), *image_size, channels), np.uint8)

    def read(i: int) -> None:
        images[i] = to_array(open_image(rows[i].path), image_size, channels)

    map_threaded(read, range(len(rows)), "loading pictures", progress)
    return images


def examples(
    dataset: Dataset,
    split: str,
    classes: list[str],
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures and labels of one split, for the given classes only.

    Args:
        dataset: A data set that is split.
        split: "train", "validation" or "test".
        classes: Class names; a label is an index into them.
        image_size: (height, width) in pixels.
        channels: 1 for gray, 3 for RGB.

    Returns:
        uint8 pictures (n, height, width, channels), 0-255, and int32 labels (n,).
    """
    rows = [row for row in dataset.of(split) if row.class_name in classes]
    labels = Dataset(dataset.folder, classes, rows).labels(rows)
    return load_images(rows, image_size, channels), labels


def batches(
    images: np.ndarray,
    labels: np.ndarray,
    batch_size: int = 64,
    shuffle: bool = False,
    augment: Callable[..., Any] | None = None,
    seed: int = 0,
) -> tf.data.Dataset:
    """Serve examples to Keras in batches, optionally shuffled before each epoch and augmented.

    Args:
        images: uint8 or float array (n, height, width, channels), pixel values 0-255.
        labels: Targets, shape (n,) or (n, k).
        batch_size: Pictures per batch.
        shuffle: Shuffle before every epoch.
        augment: A Keras layer or model that maps pictures to changed pictures of the same shape.
        seed: Seed for shuffling.

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


def _row(file: File) -> Row:
    path, class_name, split = file
    try:
        digest = pixel_digest(open_image(path))
    except ImageError:
        digest = ""
    return Row(path, class_name, split, path.stat().st_size, digest)


def _class_folders(folder: Path) -> list[tuple[Path, str | None]]:
    """Return (class folder, split) for each class folder of a data set."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder: give the folder that has one folder per class.")
    inside = _visible_folders(folder)
    splits = [path for path in inside if path.name.lower() in SPLIT_FOLDERS]
    places: list[tuple[Path, str | None]] = [(path, None) for path in inside]
    if any(path.name.lower().startswith("train") for path in splits):
        places = [(c, SPLIT_FOLDERS[s.name.lower()]) for s in splits for c in _visible_folders(s)]
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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (" and more" if len(names) > 10 else "")
