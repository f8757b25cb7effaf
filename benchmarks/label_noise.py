"""Accuracy against the share of wrong training labels, for notebook 08.

    python benchmarks/label_noise.py

The network of notebook 08 learns from the training faces of `data/rendered`. Some of their labels
are wrong: picked at random, or by a rule that files the faintest smiles under sad. It is judged on
new faces with true labels. Results go to `benchmarks/results/label_noise.csv`.
"""

from __future__ import annotations

import argparse
import csv
import os
from typing import TYPE_CHECKING

import numpy as np
from measure import RESULTS, print_table, write_results

from emolib import course, data, rendering

if TYPE_CHECKING:
    import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
TARGET = RESULTS / "label_noise.csv"
HEAD = ["kind", "share", "seed", "wrong_labels", "test_pictures", "accuracy"]
CLASSES = ["happy", "sad"]
SHARES = (0.0, 0.05, 0.1, 0.2, 0.4)
TEST_PICTURES = 1000
TEST_SEED = 900_000  # of faces that no training sees
TEST_SHARE = 0.3  # as in notebook 08, like the next two
EPOCHS = 20
BATCH_SIZE = 64


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure accuracy against the share of wrong training labels.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=3, help="runs for each kind and share")
    seeds = parser.parse_args().seeds
    x, y, smile = faces()
    x_test, y_test = rendering.render_arrays(TEST_PICTURES, CLASSES, TEST_SEED, progress=True)
    rows: list[list[object]] = []
    for seed in range(seeds):
        for share in SHARES:
            for kind, given in poisoned(y, smile, share, seed).items():
                model = trained(x, given, seed)
                # without training=False, Keras would flip them at random
                answers = np.asarray(model(x_test.astype("float32"), training=False))
                accuracy = f"{(answers.argmax(axis=1) == y_test).mean():.3f}"
                rows.append([kind, share, seed, (given != y).sum(), len(y_test), accuracy])
        write_results(TARGET, HEAD, rows)
    print_table(HEAD, sorted(rows))


def faces() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the training pictures, their labels, and how strong each smile is."""
    dataset = data.scan(course.folder("rendered"), CLASSES)
    dataset = data.split(dataset, validation=0, test=TEST_SHARE)
    x, y = data.examples(dataset, "train", CLASSES)
    with open(dataset.folder / "faces.csv", newline="", encoding="utf-8") as file:
        smiles = {row["file"]: float(row["au12"]) for row in csv.DictReader(file)}
    names = [row.path.relative_to(dataset.folder).as_posix() for row in dataset.of("train")]
    return x, y, np.array([smiles[name] for name in names])


def poisoned(y: np.ndarray, smile: np.ndarray, share: float, seed: int) -> dict[str, np.ndarray]:
    """Return the labels with a share of them wrong, for each kind of mistake."""
    n = round(share * len(y))
    at_random = np.random.default_rng(seed).permutation(len(y))[:n]
    faintest = np.argsort(np.where(y == 0, smile, np.inf))[:n]  # of the happy faces
    return {
        kind: np.where(np.isin(np.arange(len(y)), chosen), 1 - y, y)
        for kind, chosen in (("random", at_random), ("rule", faintest))
    }


def trained(x: np.ndarray, y: np.ndarray, seed: int) -> keras.Model:
    """Train the network of notebook 08."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((48, 48, 1)), layers.RandomFlip("horizontal")])
    model.add(layers.LayerNormalization(axis=[1, 2, 3], scale=False, center=False))
    model.add(layers.Conv2D(16, 5, strides=2, activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(2, activation="softmax"))
    steps = EPOCHS * -(-len(x) // BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(0.004, steps)
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy")
    model.fit(x, np.eye(2)[y], batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
    return model


if __name__ == "__main__":
    main()
