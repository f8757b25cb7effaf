"""The exercises of notebook 04, evaluation."""

from __future__ import annotations

import numpy as np

from .common import Exercise, number


def _bootstrap(answer: tuple) -> str:
    areas, low, high = answer
    areas = np.asarray(areas, float)
    if len(areas) != 500:
        return f"There should be 500 areas, not {len(areas)}."
    if np.ptp(areas) == 0:
        return "All values are the same: did you use each draw?"
    if areas.mean() < 0.6:
        return "About one half: did you use the same indices for labels and probabilities?"
    if low > high:
        return "The lower end comes first."
    if np.allclose((low, high), (areas.min(), areas.max())):
        return "That is the lowest to the highest value: the middle 95% leaves out both ends."
    if np.allclose((low, high), np.quantile(areas, [0.05, 0.95]), atol=1e-6):
        return "That leaves out 5% at each end: only 90% is left in the middle."
    if not np.allclose((low, high), np.quantile(areas, [0.025, 0.975]), atol=2e-3):
        return "How much is left out at each end if 95% is in the middle?"
    return ""


EXERCISES = {
    "04.1": Exercise(
        wanted="(the 500 areas, low, high)",
        why="Where there is no formula, drawing again and again gives the interval.",
        hint=_bootstrap,
    ),
    "04.2": Exercise(
        wanted="the number of pictures",
        why="Six coins that all come up heads: 2 x (1/2)^6 is about 3%.",
        hint=number(
            6,
            "With so few, the p-value is still above 5%.",
            above={6: "That is enough, but a smaller number is, too."},
        ),
    ),
}
