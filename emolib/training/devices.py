"""One GPU or several on this machine, without changing the network. Loads TensorFlow."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .config import Examples


def gpu_names() -> list[str]:
    """Return the names of the GPUs that TensorFlow sees, such as "/device:GPU:0"."""
    return [device.name for device in tf.config.list_logical_devices("GPU")]


def worthwhile(found: int, pictures: int, batch_size: int) -> int:
    """Return how many GPUs to train on: all, unless their batch is more than all the pictures.

    Args:
        found: GPUs of this machine; 0 or 1 means one device, which may be the CPU.
        pictures: Number of training pictures.
        batch_size: Pictures per GPU in each batch.
    """
    return found if 1 < found and found * batch_size <= pictures else 1


def strategy(gpus: int) -> tf.distribute.Strategy:
    """Return how TensorFlow distributes a run: over this many GPUs, or not at all.

    Args:
        gpus: How many GPUs the run started with. If this machine has fewer, one device processes
            the same batches alone, so that a run can be resumed on any machine.
    """
    names = gpu_names()[:gpus]
    if gpus > 1 and len(names) == gpus:
        return tf.distribute.MirroredStrategy(names)
    return tf.distribute.get_strategy()


def scaled_rate(learning_rate: float, gpus: int) -> float:
    """Return the learning rate for batches that are `gpus` times as large.

    It grows with the square root of the batch (Malladi et al. 2022). The linear rule of Goyal et
    al. 2017 is for SGD; with our AdamW and few steps, the network then learned nothing.
    """
    return learning_rate * gpus**0.5


def whole_rounds(examples: Examples, gpus: int) -> Examples:
    """Repeat the first few pictures, so that each GPU gets as many as the others.

    Args:
        examples: Pictures and targets.
        gpus: The number of pictures becomes a multiple of this. TensorFlow stops with an error
            when a GPU gets an empty share of a batch.
    """
    n = len(examples[0])
    if n % gpus == 0:
        return examples
    order = np.arange(n + -n % gpus) % n
    return examples[0][order], examples[1][order]
