"""Right and wrong answers to the exercises of notebook 06: (exercise, answer[, hint])."""

import numpy as np

RIGHT = [
    ("06.1", {"yours": 3, "released": 0}),
    ("06.2", (0.95, 0.98)),
    ("06.3", np.stack([np.eye(48), 1 - np.eye(48)])),
]
MISTAKES = [
    ("06.1", [25, 0], "even the seed"),
    ("06.1", [0.1, 0.0], "not shares"),
    ("06.1", [3], "two in all"),
    ("06.2", (1.0, 0.02), "drops that far"),
    ("06.2", (95, 98), "between 0 and 1"),
    ("06.2", (0.45, 0.55), "in the same order"),
    ("06.3", np.stack([np.eye(48), np.eye(48)]), "the same question"),
    ("06.3", np.eye(48), "two sets"),
]
