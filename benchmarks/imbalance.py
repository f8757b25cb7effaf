"""What helps if one of seven emotions has only 20 pictures, for notebook 07.

    python benchmarks/imbalance.py

The network of notebook 07 learns from 200 rendered faces per emotion, but from 20 disgusted ones.
It is judged on 100 new faces per emotion. Each seed has first weights and 20 pictures of its own.
The results go to `benchmarks/results/imbalance.csv`, one row per remedy and seed:

- `accuracy` is that of a world in which disgust is as rare as these 20 pictures,
- `macro_recall` is the mean of the seven recalls, `rare_recall` is the recall of disgust.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from measure import RESULTS, print_table, write_results

from emolib import course, data, rendering

if TYPE_CHECKING:
    import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
TARGET = RESULTS / "imbalance.csv"
HEAD = ["remedy", "seed", "rare_pictures", "accuracy", "macro_recall", "rare_recall"]
MORE = ("afraid", "angry", "disgusted", "neutral", "surprised")  # beside happy and sad
CLASSES = sorted((*MORE, "happy", "sad"))
RARE = CLASSES.index("disgusted")
FACES = 200  # per emotion
FEW = 20
TEST_FACES = 100  # per emotion
TRAIN_SEED = 7  # the faces of notebook 07
TEST_SEED = 70
EPOCHS = 25
BATCH_SIZE = 32


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure what helps if one of seven emotions has only 20 pictures.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=3, help="training runs of each kind")
    seeds = parser.parse_args().seeds
    x, y = training_faces()
    x_test, y_test = rendering.render_arrays(TEST_FACES * 7, CLASSES, TEST_SEED, progress=True)
    rows = []
    for seed in range(seeds):
        for remedy, n, p in answers(x, y, x_test, seed):
            rows.append([remedy, seed, n, *scores(p, y_test)])
            write_results(TARGET, HEAD, rows)
    print_table(HEAD, sorted(rows))


def training_faces() -> tuple[np.ndarray, np.ndarray]:
    """Return equally many faces of each emotion, happy and sad from `data/rendered`."""
    rows = []
    for name in ("happy", "sad"):
        rows += data.scan(course.folder("rendered"), [name]).rows[:FACES]
    new, labels = rendering.render_arrays(FACES * len(MORE), MORE, TRAIN_SEED, progress=True)
    names = [row.class_name for row in rows] + [MORE[label] for label in labels]
    y = np.array([CLASSES.index(name) for name in names], np.int32)
    return np.concatenate([data.load_images(rows), new]), y


def answers(
    x: np.ndarray, y: np.ndarray, x_test: np.ndarray, seed: int
) -> Iterator[tuple[str, int, np.ndarray]]:
    """Yield each remedy, its number of rare pictures, and its answers to the test faces."""
    rare = np.random.default_rng(seed).permutation(np.flatnonzero(y == RARE))
    kept = np.setdiff1d(np.arange(len(y)), rare[FEW:])
    counts = np.bincount(y[kept])
    weights = {k: float(counts.mean() / n) for k, n in enumerate(counts)}
    repeated = np.concatenate([kept, np.tile(rare[:FEW], FACES // FEW - 1)])
    yield "200 pictures", FACES, trained(x, y, seed).predict(x_test, verbose=0)
    plain = trained(x[kept], y[kept], seed).predict(x_test, verbose=0)
    yield "nothing", FEW, plain
    yield "divided by frequency", FEW, plain / counts
    weighted = trained(x[kept], y[kept], seed, class_weight=weights)
    yield "class weights", FEW, weighted.predict(x_test, verbose=0)
    yield "repeated", FEW, trained(x[repeated], y[repeated], seed).predict(x_test, verbose=0)


def trained(
    x: np.ndarray, y: np.ndarray, seed: int, class_weight: dict[int, float] | None = None
) -> keras.Model:
    """Train the network of notebook 07."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((48, 48, 1)), layers.RandomFlip("horizontal")])
    model.add(layers.LayerNormalization(axis=[1, 2, 3]))
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(len(CLASSES), activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, BATCH_SIZE, EPOCHS, verbose=0, class_weight=class_weight)
    return model


def scores(p: np.ndarray, y: np.ndarray) -> list[str]:
    """Return accuracy, macro recall and the recall of the rare emotion; p need not sum to 1."""
    right = p.argmax(axis=1) == y
    recalls = np.array([right[y == k].mean() for k in range(len(CLASSES))])
    sizes = np.full(len(CLASSES), FACES)
    sizes[RARE] = FEW
    values = (np.average(recalls, weights=sizes), recalls.mean(), recalls[RARE])
    return [f"{value:.3f}" for value in values]


if __name__ == "__main__":
    main()
