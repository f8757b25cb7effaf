"""A folder of pictures is listed, one row per file, and served as arrays and batches.

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

    def counts(self) -> dict[str, dict[str, int]]:
        """Return {split or "all": {class name: files}}, of the readable rows."""
        counts: dict[str, Counter] = defaultdict(Counter)
        for row in self.rows:
            if row.digest:
                counts[row.split or "all"][row.class_name] += 1
        return {name: dict(count) for name, count in counts.items()}

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
    wanted = class_names_in(folder) if classes is None else list(classes)
    rows = map_threaded(_row, files_in(folder, wanted), "reading pictures", progress)
    return Dataset(Path(folder), sorted(set(wanted)), rows)


def files_in(
    folder: str | os.PathLike, classes: Iterable[str] | None = None
) -> list[tuple[Path, str, str | None]]:
    """List a data set's files as (path, class name, split), without opening any.

    Takes and raises what `scan` does.
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
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]
    if not found:
        raise DataError(f"{folder} holds no file in its class folders: put pictures into them.")
    return found


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


def _row(file: tuple[Path, str, str | None]) -> Row:
    path, class_name, split = file
    try:
        digest = pixel_digest(open_image(path))
    except ImageError:
        digest = ""
    return Row(path, class_name, split, path.stat().st_size, digest)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (" and more" if len(names) > 10 else "")


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

    map_threaded(read, range(len(rows)), "loading pictures", progress)
    return images


def examples(
    dataset: Dataset,
    split: str,
    classes: list[str],
    image_size: tuple[int, int] = (48, 48),
    channels: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return one split's pictures and labels, of the given classes only.

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
