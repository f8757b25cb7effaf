"""Listed pictures become what Keras learns from: one array, served in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .images import open_image, to_array
from .scanning import Dataset, Row
from .workers import on_all_cores

if TYPE_CHECKING:
    import tensorflow as tf


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

    on_all_cores(read, range(len(rows)), "loading pictures", progress)
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
