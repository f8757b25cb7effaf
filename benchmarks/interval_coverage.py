"""How often a 95% interval holds the truth: 200 test sets of faces that nobody has seen.

    python benchmarks/interval_coverage.py

The labels of rendered faces are exact, and there is no end of such faces, so a network's true
accuracy can be measured: it is the share of all 10,000 faces that it gets right. Every 50 of them
are a test set, and each set gets three intervals: Wilson's, the textbook one (the share
plus or minus 1.96 standard errors), and the bootstrap's. Writes one row per test set to
benchmarks/results/interval_coverage.csv, and to calibration.csv beside it how sure the answers are
and how often they are right, from the least sure 500 to the surest. Notebook 04 shows both.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from emolib import course, data, rendering
from emolib.evaluation import wilson_interval

SETS = 200
FACES = 50  # in each set
SEED = 20_000  # not that of data/rendered, which the network learned from
BOOTSTRAPS = 2000
BINS = 20  # of equal size, from the least sure answers to the surest
RESULTS = Path(__file__).parent / "results" / "interval_coverage.csv"
CALIBRATION = RESULTS.with_name("calibration.csv")
KINDS = ("wilson", "normal", "bootstrap")


def normal_interval(right, n):
    """Return the textbook interval: a share plus or minus 1.96 standard errors."""
    share = right / n
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    return share - half, share + half


def bootstrap_interval(right, rng):
    """Return the middle 95% of the shares in sets drawn from this one, with repetition.

    Args:
        right: bool (n,), which faces of the set are answered correctly.
        rng: Source of the draws.
    """
    draws = rng.integers(0, len(right), (BOOTSTRAPS, len(right)))
    return np.quantile(right[draws].mean(axis=1), [0.025, 0.975])


def intervals(right, rng):
    """Return both ends of each kind of interval, in the order of `KINDS`."""
    count = int(right.sum())
    return (
        wilson_interval(count, len(right)),
        normal_interval(count, len(right)),
        bootstrap_interval(right, rng),
    )


def write_calibration(sure, right):
    """Write one row per bin: its mean probability, its share of right answers, and its size."""
    with open(CALIBRATION, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["sure", "right", "faces"])
        for part in np.array_split(np.argsort(sure, kind="stable"), BINS):
            table.writerow([f"{sure[part].mean():.4f}", f"{right[part].mean():.4f}", len(part)])


def main():
    """Train the course's network, render, judge, write."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    dataset = data.split(data.scan(course.folder("rendered"), ["happy", "sad"]), seed=0)
    model, _ = course.reader_model(dataset)
    faces, labels = rendering.render_arrays(SETS * FACES, dataset.class_names, seed=SEED)
    p_sad = model.predict(faces, batch_size=256, verbose=0)[:, 0]
    right = (p_sad >= 0.5) == labels
    write_calibration(np.maximum(p_sad, 1 - p_sad), right)
    truth = right.mean()
    rng = np.random.default_rng(0)
    held = dict.fromkeys(KINDS, 0)
    RESULTS.parent.mkdir(exist_ok=True)
    with open(RESULTS, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            ["faces", "right", *(f"{k}_{end}" for k in KINDS for end in ("low", "high"))]
        )
        for test_set in right.reshape(SETS, FACES):
            found = intervals(test_set, rng)
            ends = [f"{end:.4f}" for pair in found for end in pair]
            table.writerow([FACES, int(test_set.sum()), *ends])
            for kind, (low, high) in zip(KINDS, found, strict=True):
                held[kind] += bool(low <= truth <= high)
    print(f"The truth: {truth:.2%} of {right.size:,} faces. Of {SETS} intervals hold it:")
    for kind, count in held.items():
        print(f"{kind:10} {count} ({count / SETS:.1%})")


if __name__ == "__main__":
    main()
