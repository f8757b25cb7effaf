"""Accuracy with few pictures: a new head on the released network against training from scratch.

    python benchmarks/transfer.py

Three pairs of classes that the released network was never asked about: rendered faces that are
angry or surprised, rendered faces with both eyes or one eye closed, and drawn circles and squares.
Each draw learns from different pictures, out of the same 350 per class; the test pictures are
always the same. Results go to `benchmarks/results/transfer.csv`, for notebook 09.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from measure import RESULTS, print_table, write_results

from emolib import rendering
from emolib.course.exercises.notebook_09 import shape
from emolib.inference.classifier import RELEASED
from emolib.model import load_model

if TYPE_CHECKING:
    import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
TARGET = RESULTS / "transfer.csv"
HEAD = ["task", "method", "per_class", "draw", "test_pictures", "accuracy"]
FACES = {
    "angry or surprised": ["angry", "surprised"],
    "closed or winking": ["eyes closed", "winking"],
}
SHAPES = "circle or square"
TUNED = "angry or surprised"  # the task for which all layers are trained, too
SIZES = (5, 10, 30, 100, 300)  # pictures of each class
TEST_PICTURES = 300
PICTURES = TEST_PICTURES + 700
SEED = 800  # differs from the seeds of data/rendered and of notebook 09
HEAD_DRAWS = 20  # a head takes milliseconds
BATCH_SIZE = 16


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure accuracy with few pictures, with and without transfer.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--draws", type=int, default=3, help="runs of whole networks per size")
    draws = parser.parse_args().draws
    rows: list[list[object]] = []
    for task in (*FACES, SHAPES):
        x, y = pictures(task)
        for method, n, draw, accuracy in judged(x, y, draws, tune=task == TUNED):
            rows.append([task, method, n, draw, TEST_PICTURES, f"{accuracy:.3f}"])
            write_results(TARGET, HEAD, rows)
    print_table(HEAD, sorted(rows))


def pictures(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 pictures (n, 48, 48, 1), values 0-255, and their labels."""
    if task in FACES:
        x, y = rendering.render_arrays(PICTURES, FACES[task], SEED, progress=True)
        return x.astype("float32"), y
    rng = np.random.default_rng(SEED)
    y = np.arange(PICTURES, dtype=np.int32) % 2
    return np.stack([shape(int(label), rng) for label in y]).astype("float32"), y


def judged(
    x: np.ndarray, y: np.ndarray, draws: int, tune: bool
) -> Iterator[tuple[str, int, int, float]]:
    """Yield (method, pictures per class, draw, accuracy) of each training."""
    from sklearn.linear_model import LogisticRegression

    features = body().predict(x, verbose=0)
    x_test, y_test, f_test = (part[:TEST_PICTURES] for part in (x, y, features))
    for n in SIZES:
        for draw in range(HEAD_DRAWS):
            own = drawn(y, n, draw)
            head = LogisticRegression(C=10, max_iter=1000).fit(features[own], y[own])
            yield "new head", n, draw, head.score(f_test, y_test)
            if draw >= draws:
                continue
            answers = from_scratch(x[own], y[own], draw).predict(x_test, verbose=0)
            yield "from scratch", n, draw, (answers.argmax(axis=1) == y_test).mean()
            if tune:
                answers = unfrozen(x[own], y[own], head).predict(x_test, verbose=0)
                yield "unfrozen", n, draw, (answers.argmax(axis=1) == y_test).mean()


def drawn(y: np.ndarray, n: int, draw: int) -> np.ndarray:
    """Return the indices of n pictures of each class that are not for the test."""
    order = TEST_PICTURES + np.random.default_rng((n, draw)).permutation(len(y) - TEST_PICTURES)
    return np.concatenate([order[y[order] == label][:n] for label in (0, 1)])


def body() -> keras.Sequential:
    """Return the released network without its last layer."""
    import keras

    return keras.Sequential(load_model(RELEASED.with_suffix(".keras"))[0].layers[:-1])


def from_scratch(x: np.ndarray, y: np.ndarray, seed: int) -> keras.Model:
    """Train the network of notebook 00, with dropout; the fewer pictures, the more epochs."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((48, 48, 1)), layers.RandomFlip("horizontal")])
    model.add(layers.LayerNormalization(axis=[1, 2, 3]))
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(2, activation="softmax"))
    return fitted(model, x, y, epochs=max(10, min(60, 3000 // len(y))))


def unfrozen(x: np.ndarray, y: np.ndarray, head: object) -> keras.Model:
    """Keep training all layers, at a low rate, below a head that has been trained already."""
    import keras

    keras.utils.set_random_seed(0)
    inputs = keras.Input((48, 48, 1))
    features = body()(inputs, training=False)  # batch normalization keeps its averages
    last = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, last(features))
    half = head.coef_.T / 2  # two outputs that differ as scikit-learn's one says
    last.set_weights([np.hstack([-half, half]), np.outer([-0.5, 0.5], head.intercept_).ravel()])
    return fitted(model, x, y, epochs=8, rate=1e-4)


def fitted(
    model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int, rate: float = 1e-3
) -> keras.Model:
    """Train a network and return it."""
    import keras

    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=BATCH_SIZE, verbose=0)
    return model


if __name__ == "__main__":
    main()
