"""What ten people call the pictures of each FER2013 class, for notebook 08.

    python benchmarks/fer2013_votes.py data/fer2013

`data/ferplus_votes.csv` has the votes but not FER2013's own labels, which are the names of its
folders. This counts both together. If two emotions tie, the one that comes first in the file with
the votes counts. Results go to `benchmarks/results/fer2013_votes.csv`, which holds no pictures.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from measure import print_table

from emolib import data

RESULTS = Path(__file__).parent / "results" / "fer2013_votes.csv"
HEAD = ["label", "most_votes", "pictures", "tied"]
NO_VOTES = "none"


def main() -> None:
    parser = argparse.ArgumentParser(description="Count FER2013's labels against FER+ votes.")
    parser.add_argument("folder", help="FER2013, one folder per emotion")
    dataset = data.scan(parser.parse_args().folder, progress=True)
    pictures: Counter[tuple[str, str]] = Counter()
    tied: Counter[tuple[str, str]] = Counter()
    for row, votes in zip(dataset.rows, data.ferplus_votes(dataset), strict=True):
        most = data.FERPLUS_EMOTIONS[votes.argmax()] if votes.any() else NO_VOTES
        pictures[row.class_name, most] += 1
        tied[row.class_name, most] += int(votes.any() and (votes == votes.max()).sum() > 1)
    rows = [[*key, pictures[key], tied[key]] for key in sorted(pictures)]
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])
    print_table(HEAD, rows)


if __name__ == "__main__":
    main()
