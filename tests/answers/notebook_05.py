"""Right and wrong answers to the exercises of notebook 05: (exercise, answer[, hint])."""

import numpy as np

RIGHT = [
    ("05.1", np.array([[0.01, 0.04, 0.95]])),
]
MISTAKES = [
    ("05.1", [0.998, 0.001, 0.001], "Squeeze the whole"),
    ("05.1", [0.5, 0.5], "as `predict_arrays` returns them"),
]
