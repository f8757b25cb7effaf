"""Training pictures per second, against the machine's own matrix-product rate.

    python benchmarks/training.py

A training step costs about three times the multiply-adds of an answer: forward, and backward to the
weights and to the layer below. Dividing their rate by that of numpy's float32 matrix product shows
how much of the machine training uses. The pictures are random, the network is the course's.
"""

from __future__ import annotations

import os
import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from measure import arguments, in_turns, matrix_product_rate, print_table, ratio
from network import multiply_adds

from emolib.data import augmentation, batches
from emolib.model import build_cnn
from emolib.training import compile_model, targets

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
PRODUCT, WITH, WITHOUT = "matrix product", "as `emolib train`", "without augmentation"


def main() -> None:
    parser = arguments("Measure training pictures per second.", repeats=5, model=False)
    parser.add_argument("--batch-size", type=int, default=64, help="pictures in a batch")
    parser.add_argument("--steps", type=int, default=25, help="batches in a turn")
    args = parser.parse_args()
    images, goals = examples(args.batch_size * args.steps)
    model = build_cnn(2)
    compile_model(model, args.steps * (args.repeats + 1))
    plain = batches(images, goals, args.batch_size, shuffle=True)
    augmented = batches(images, goals, args.batch_size, shuffle=True, augment=augmentation())
    cases = {
        PRODUCT: matrix_product_rate,
        WITH: lambda: rate(model, augmented, args.batch_size),
        WITHOUT: lambda: rate(model, plain, args.batch_size),
    }
    rates = in_turns(cases, args.repeats)
    work = 3 * multiply_adds(model)
    print(
        f"batches of {args.batch_size}, 3 x {work / 3e6:.1f} million multiply-adds per picture; "
        f"numpy {median(rates[PRODUCT]) / 1e9:.1f} billion per second"
    )
    print_table(
        ["", "pictures a second", "of matrix product"],
        [
            [
                name,
                f"{median(rates[name]):,.0f}",
                f"{ratio([work * pictures for pictures in rates[name]], rates[PRODUCT]):.1%}",
            ]
            for name in (WITH, WITHOUT)
        ],
    )


def examples(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random pictures (n, 48, 48, 1) and targets (n, 1)."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, 48, 48, 1), np.uint8)
    return images, targets(rng.integers(0, 2, n), 2)


def rate(model: keras.Model, ds: tf.data.Dataset, batch_size: int) -> float:
    """Train once through a data set; return pictures per second from its first batch's end on."""
    import keras

    ends: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            ends.append(time.perf_counter())

    model.fit(ds, shuffle=False, verbose=0, callbacks=[Clock()])
    return (len(ends) - 1) * batch_size / (ends[-1] - ends[0])


if __name__ == "__main__":
    main()
