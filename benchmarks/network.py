"""Faces per second through the network, one at a time and 64 at once.

    python benchmarks/network.py

OpenCV runs the `.onnx` file, Keras the `.keras` file of the same name beside it. The baseline is
numpy's float32 matrix product on the same cores: its multiply-adds per second against the
network's.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from measure import arguments, in_turns, matrix_product_rate, print_table, ratio, seconds

from emolib.inference import Classifier, load_classifier
from emolib.model import load_model

if TYPE_CHECKING:
    import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
BATCHES = (1, 64)
PRODUCT = "matrix product"


def main() -> None:
    args = arguments("Measure faces per second.", repeats=9).parse_args()
    onnx, keras_file = (Path(args.model).with_suffix(suffix) for suffix in (".onnx", ".keras"))
    model, card = load_model(keras_file)
    rng = np.random.default_rng(0)
    faces = rng.uniform(0, 255, (max(BATCHES), *card.image_size, card.channels)).astype(np.float32)
    cases = {PRODUCT: matrix_product_rate}
    for n in BATCHES:
        some = faces[:n]
        cases[f"OpenCV, {n}"] = rate(some, load_classifier(onnx))
        cases[f"Keras compiled call, {n}"] = rate(some, load_classifier(keras_file))
        cases[f"Keras predict(), {n}"] = predict_rate(some, model)
    rates = in_turns(cases, args.repeats)
    work = multiply_adds(model)
    print(
        f"{model.count_params():,} parameters, {work / 1e6:.1f} million multiply-adds per face; "
        f"numpy {median(rates[PRODUCT]) / 1e9:.1f} billion per second"
    )
    print_table(
        ["", "ms a batch", "faces a second", "x Keras call", "of matrix product"],
        [row(name, rates, work) for name in cases if name != PRODUCT],
    )


def rate(faces: np.ndarray, classifier: Classifier) -> Callable[[], float]:
    """Return a case that gives the faces per second of one model file."""
    classifier.card.flip_tta = False  # one pass through the network per face, as in Keras
    return lambda: len(faces) / seconds(lambda: classifier.predict_arrays(faces))


def predict_rate(faces: np.ndarray, model: keras.Model) -> Callable[[], float]:
    """Return a case that gives the faces per second of Keras's own `predict`."""
    return lambda: len(faces) / seconds(lambda: model.predict(faces, verbose=0))


def multiply_adds(model: keras.Model) -> int:
    """Count the multiply-adds of the convolutions and dense layers for one picture."""
    return sum(
        math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
        for layer in model.layers
        if hasattr(layer, "kernel")
    )


def row(name: str, rates: dict[str, list[float]], work: int) -> list[str]:
    """Return one row of the table."""
    n = int(name.split()[-1])
    spent = [work * faces for faces in rates[name]]
    return [
        name,
        f"{1000 * n / median(rates[name]):.2f}",
        f"{median(rates[name]):,.0f}",
        f"{ratio(rates[name], rates[f'Keras compiled call, {n}']):.2f}",
        f"{ratio(spent, rates[PRODUCT]):.1%}",
    ]


if __name__ == "__main__":
    main()
