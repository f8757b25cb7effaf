"""Right and wrong answers to the exercises of notebook 04: (exercise, answer[, hint])."""

import numpy as np
from sklearn.metrics import roc_auc_score


def by_pairs(labels, p):
    sad = p[labels == 1][:, None]
    happy = p[labels == 0]
    return ((sad > happy) + (sad == happy) / 2).mean()


def without_ties(labels, p):
    return (p[labels == 1][:, None] > p[labels == 0]).mean()


def bootstrap(draw=None, ends=(0.025, 0.975)):
    """Return a function that gives the interval of the AUC; `draw` says how faces are drawn."""
    draw = draw or (lambda rng, n: (rng.integers(0, n, n),) * 2)

    def auc_interval(labels, p):
        rng = np.random.default_rng(0)
        areas = []
        for _ in range(500):
            one, other = draw(rng, len(labels))
            areas.append(by_pairs(labels[one], p[other]))
        return np.quantile(areas, ends)

    return auc_interval


def permuted(rng, n):
    return (rng.permutation(n),) * 2


def torn(rng, n):
    return rng.integers(0, n, n), rng.integers(0, n, n)


def part(rng, n):
    return (rng.integers(0, n, n // 4),) * 2


def crash(labels, p):
    return 1 / 0


TRIES = {"your network": (15.5, 0.43), "mirror": (12.1, 0.3), "temperature": (15.5, 0.4)}
COSTLY = {"your network": (15.5, 0.43), "mirror": (16.1, 0.3), "temperature": (16.2, 0.4)}
LUCKY = {"your network": (3.7, 0.2), "mirror": (6.2, 0.3), "both": (3.7, 0.4)}

RIGHT = [
    ("04.1", by_pairs),
    ("04.1", roc_auc_score),
    ("04.2", bootstrap()),
    ("04.3", [TRIES, {"mirror": 20.0}]),
    ("04.3", [LUCKY, {"both": 9.0}]),
]
MISTAKES = [
    ("04.1", without_ties, "How much does a tie count"),
    ("04.1", lambda labels, p: 1 - by_pairs(labels, p), "missing to 1"),
    ("04.1", lambda labels, p: ((p >= 0.5) == labels).mean(), "needs no threshold"),
    ("04.1", lambda labels, p: (p[:, None] > p).mean(), "of one class, too"),
    ("04.1", lambda labels, p: (p[labels == 1][:, None] > p[labels == 0]).sum(), "more than 1"),
    ("04.1", lambda labels, p: 0.2, "in your head"),
    ("04.1", lambda labels, p: None, "returns nothing"),
    ("04.1", crash, "ZeroDivisionError"),
    ("04.2", bootstrap(permuted), "width zero"),
    ("04.2", bootstrap(torn), "its own label"),
    ("04.2", bootstrap(part), "too wide"),
    ("04.2", bootstrap(ends=(0, 1)), "too wide"),
    ("04.2", bootstrap(ends=(0.1, 0.9)), "too narrow"),
    ("04.2", bootstrap(ends=(0.975, 0.025)), "lower end comes first"),
    ("04.2", crash, "stops with an error"),
    ("04.3", [{"mirror": (12.1, 0.3)}, {"mirror": 20.0}], "Keep 'your network'"),
    ("04.3", [{"your network": (9, 0.5), "mirror": (8, 0.3)}, {"mirror": 20.0}], "two ideas"),
    ("04.3", [COSTLY, {"your network": 20.0}], "What else"),
    ("04.3", [TRIES, {"mirror": 20.0, "temperature": 19.0}], "How many may be"),
    ("04.3", [TRIES, {"temperature": 19.0}], "first on the leaderboard"),
    ("04.3", [LUCKY, {"your network": 9.0}], "first on the leaderboard"),
]
