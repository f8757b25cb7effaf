"""Right and wrong answers to the exercises of notebook 03: (exercise, answer[, hint])."""

import numpy as np

RIGHT = [
    ("03.1", (14, 8)),
    ("03.2", {"loss": [0.5], "val_loss": [0.55]}),
]
MISTAKES = [
    ("03.1", (13, 8), "a step, too"),
    ("03.1", (13.125, 8), "whole numbers"),
    ("03.1", (8, 14), "The other way around"),
    ("03.1", (14, 64), "full batches"),
    ("03.1", (640, 8), "64 per batch"),
    ("03.2", {"loss": [0.1], "val_loss": [1.5]}, "all 600 pictures"),
    ("03.2", {"loss": [0.69], "val_loss": [0.69]}, "learned nothing"),
    ("03.2", {"loss": [np.nan], "val_loss": [np.nan]}, "learned nothing"),
]
