"""Accuracy against the number of training pictures, for notebook 03.

    python benchmarks/training_size.py

The network of notebook 03 learns from 100 to 10,000 rendered faces and is judged on new ones. All
training runs take the same number of steps, so that only the pictures differ. Where there is more
than one seed, each has pictures of its own. Results go to `benchmarks/results/training_size.csv`.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

import numpy as np
from measure import RESULTS, print_table, write_results

from emolib import data, rendering
from emolib.course import own_model
from emolib.model import build_cnn

if TYPE_CHECKING:
    import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
TARGET = RESULTS / "training_size.csv"
SEEDS = {100: 3, 300: 3, 1000: 3, 3000: 1, 10_000: 1}  # how many, for each number of pictures
HEAD = ["pictures", "seed", "steps", "test_pictures", "accuracy", "log_loss"]
CLASSES = ("happy", "sad")
TEST_PICTURES = 1000
TEST_SEED = 900_000  # of faces that no training sees
TRAIN_SEED = 20_000  # both differ from the seeds of the faces in data/rendered


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure accuracy against the number of training pictures.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--steps", type=int, default=1000, help="batches in each training")
    steps = parser.parse_args().steps
    x_test, y_test = rendering.render_arrays(TEST_PICTURES, CLASSES, TEST_SEED, progress=True)
    x, y = rendering.render_arrays(max(SEEDS), CLASSES, TRAIN_SEED, progress=True)
    rows: list[list[object]] = []
    for n, seed in runs():
        own = slice(seed * n, (seed + 1) * n)
        model = trained(x[own], y[own], steps, seed)
        loss, accuracy = model.evaluate(data.batches(x_test, y_test, 256), verbose=0)
        rows.append([n, seed, steps, len(y_test), f"{accuracy:.3f}", f"{loss:.3f}"])
        write_results(TARGET, HEAD, rows)
    print_table(HEAD, sorted(rows))


def runs() -> list[tuple[int, int]]:
    """Return (pictures, seed) of each training: each size once, then those with more seeds."""
    return [(n, k) for k in range(max(SEEDS.values())) for n, seeds in SEEDS.items() if k < seeds]


def trained(images: np.ndarray, labels: np.ndarray, steps: int, seed: int) -> keras.Model:
    """Train the network of notebook 03 with its settings, for a given number of steps."""
    import keras

    keras.utils.set_random_seed(seed)
    model = build_cnn(batch_norm_momentum=0.9)
    rate = keras.optimizers.schedules.CosineDecay(own_model.LEARNING_RATE, steps)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    flip = keras.layers.RandomFlip("horizontal", seed=seed)
    ds = data.batches(images, labels, own_model.BATCH_SIZE, shuffle=True, augment=flip, seed=seed)
    model.fit(ds.repeat(), epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)
    return model


if __name__ == "__main__":
    main()
