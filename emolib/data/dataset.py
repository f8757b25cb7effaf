"""List a folder of pictures, one row per file, and serve it as arrays and batches.

A folder is a label: `folder/happy/*.jpg` are happy faces. Notebook 01 explains it.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ..images import ImageError, map_threaded, no_memory, open_image, pixel_digest, to_array
from .duplicates import perceptual_hash
from .layout import NO_PICTURE, DataError, File, Skipped, contents, skipped_lines
from .layout import class_names_in as class_names_in
from .layout import files_in as files_in

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Row:
    """One file of a data set.

    Attributes:
        path: Path of the file.
        class_name: Name of its class folder.
        split: "train", "validation", "test", or None if the data set is not split.
        size: File size in bytes.
        digest: SHA-256 of its upright pixels in hex; "" if the file cannot be read.
        phash: Its `perceptual_hash`, 64 bits; None if it was not computed.
    """

    path: Path
    class_name: str
    split: str | None
    size: int
    digest: str
    phash: int | None = None


@dataclass(frozen=True)
class Dataset:
    """A scanned folder: its class names and one row per file.

    Attributes:
        folder: The scanned folder.
        class_names: Sorted folder names; a label is an index into them.
        rows: One `Row` per file, readable or not.
        skipped: What is in the folder but not used.
    """

    folder: Path
    class_names: list[str]
    rows: list[Row]
    skipped: tuple[Skipped, ...] = ()

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
        # a folder's name need not be valid Unicode
        return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()

    def skipped_lines(self) -> list[str]:
        """Return one sentence per kind of thing in the folder that is not used."""
        return skipped_lines(self.skipped, self.folder)


def scan(
    folder: str | os.PathLike, classes: Iterable[str] | None = None, progress: bool = False
) -> Dataset:
    """List a data set's files with class, split, size and hashes of their pixels.

    The folder has one folder per class, or folders that are named after splits (`train/`,
    `test_set/`, `FER2013Valid/`, see `split_name`) with one folder per class each. FER2013's
    `PublicTest_*` files are its official validation set and count as such. Links are followed,
    hidden files are skipped.

    Args:
        folder: The data set's folder.
        classes: Names of the class folders to keep; all by default.
        progress: Show a progress bar.

    Returns:
        The data set; unreadable files are listed too, with an empty digest. `skipped_lines` says
        what is not used.

    Raises:
        DataError: The folder does not exist, cannot be read, has no class folders, or lacks one of
            `classes`; or the memory ran out.
    """
    found = contents(folder, classes)
    rows = map_threaded(lambda file: read_row(file)[0], found.files, "reading pictures", progress)
    unreadable = tuple(Skipped(row.path, NO_PICTURE) for row in rows if not row.digest)
    return Dataset(Path(folder), found.class_names, rows, found.skipped + unreadable)


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
    drop_remainder: bool = False,
) -> tf.data.Dataset:
    """Serve examples to Keras in batches, optionally shuffled before each epoch and augmented.

    Args:
        images: uint8 or float array (n, height, width, channels), pixel values 0-255.
        labels: Targets, shape (n,) or (n, k).
        batch_size: Pictures per batch.
        shuffle: Shuffle before every epoch.
        augment: A Keras layer or model that maps pictures to changed pictures of the same shape.
        seed: Seed of the shuffling; `augment` has its own.
        drop_remainder: Leave out the last batch if it is smaller than the others.

    Returns:
        A `tf.data.Dataset` of (float32 images, labels). The same seeds give the same batches in
        every run.
    """
    import tensorflow as tf

    ds = tf.data.Dataset.from_tensor_slices((images, labels))
    if shuffle:
        ds = ds.shuffle(len(images), seed=seed)
    ds = ds.batch(batch_size, drop_remainder).map(lambda x, y: (tf.cast(x, tf.float32), y))
    if augment is not None:
        # one batch at a time: parallel calls would draw random numbers in any order
        ds = ds.map(lambda x, y: (augment(x, training=True), y))
    return ds.prefetch(tf.data.AUTOTUNE)


def read_row(file: File) -> tuple[Row, Image.Image | ImageError]:
    """Return the row of a file, and its picture or the reason why it cannot be opened.

    Raises:
        DataError: There is not enough memory, which is not the picture's fault.
    """
    path, class_name, split = file
    try:
        row = Row(path, class_name, split, path.stat().st_size, "")
    except OSError:  # the file is gone, or its folder is locked
        row = Row(path, class_name, split, 0, "")
    try:
        image = open_image(path)
        return replace(row, digest=pixel_digest(image), phash=perceptual_hash(image)), image
    except ImageError as error:
        return row, error
    except MemoryError:
        raise DataError(str(no_memory(path))) from None
