"""Right and wrong answers to the exercises of notebook 04: (exercise, answer[, hint])."""

import numpy as np

AREAS = np.linspace(0.9, 1, 500)
MIDDLE = tuple(np.quantile(AREAS, [0.025, 0.975]))

RIGHT = [
    ("04.1", (AREAS, *MIDDLE)),
    ("04.2", 6),
]
MISTAKES = [
    ("04.1", (AREAS, AREAS.min(), AREAS.max()), "leaves out both ends"),
    ("04.1", (AREAS, *np.quantile(AREAS, [0.05, 0.95])), "90% is left"),
    ("04.1", (AREAS, *MIDDLE[::-1]), "lower end comes first"),
    ("04.1", (AREAS, 0.94, 0.96), "at each end"),
    ("04.1", (AREAS[:100], *MIDDLE), "not 100"),
    ("04.1", (AREAS - 0.45, *MIDDLE), "same indices"),
    ("04.1", (np.full(500, 0.98), 0.98, 0.98), "did you use each draw"),
    ("04.2", 5, "above 5%"),
    ("04.2", 7, "a smaller number is, too"),
]
