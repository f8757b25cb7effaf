"""Right and wrong answers to the exercises of notebook 11: (exercise, answer[, hint])."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np

import emolib


def merge(together=True, once=True, count_rows=False, half=False, empty=True, order=True):
    """Return a merge function that can be wrong in several ways."""

    def merged(tables):
        tables = [row for table in tables for row in table] if together else tables
        finished = []
        for rows in [tables] if together else tables:
            seen = {(row["file"], row["face"]): row for row in rows}
            counted = rows if count_rows else seen.values()
            there = Counter(row["file"] for row in counted)
            finished += [
                row
                for row in (seen.values() if once else rows)
                if half or there[row["file"]] >= max(row["faces"], 1)
            ]
        if not together:
            finished = list({(row["file"], row["face"]): row for row in finished}.values())
        if not empty:
            finished = [row for row in finished if row["faces"]]
        return sorted(finished, key=lambda r: (r["file"], r["face"])) if order else finished

    return merged


def answer_all(arrival=False, pool=True, drop=0, as_list=False):
    """Return a function that reads photos in several threads and can be wrong in several ways."""

    def answers(predict, paths):
        paths = paths[: len(paths) - drop]
        if not pool:
            return {path: predict(path) for path in paths}
        with ThreadPoolExecutor(2) as threads:
            tasks = [threads.submit(predict, path) for path in paths]
            done = [task.result() for task in (as_completed(tasks) if arrival else tasks)]
        return done if as_list else dict(zip(paths, done, strict=True))

    return answers


def in_order(predict, paths):
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(paths, pool.map(predict, paths), strict=True))


def by_task(predict, paths):
    with ThreadPoolExecutor(4) as pool:
        path_of = {pool.submit(predict, path): path for path in paths}
        return {path_of[task]: task.result() for task in as_completed(path_of)}


def fastest(workers=2, batch=64, turned=False, drop_rest=False):
    """Return a function that asks the released network and can be wrong in several ways."""

    def ask(part):
        return emolib.load_classifier().predict_arrays(part, batch_size=batch)

    def probabilities(x):
        if drop_rest:
            x = x[: len(x) // batch * batch]
        parts = np.array_split(x, workers)
        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(ask, parts))
        return np.concatenate(done[::-1] if turned else done)

    return probabilities


def upside_down(x):
    return emolib.load_classifier().predict_arrays(x[:, ::-1])


def crash(*arguments):
    return 1 / 0


def nothing(*arguments):
    return None


RIGHT = [
    ("11.1", merge()),
    ("11.2", answer_all()),
    ("11.2", by_task),
    ("11.2", in_order),
    ("11.3", fastest()),
    ("11.3", fastest(workers=1, batch=1)),
]
MISTAKES = [
    ("11.1", merge(once=False), "more than once"),
    ("11.1", merge(half=True), "lacks its first"),
    ("11.1", merge(count_rows=True), "the same face"),
    ("11.1", merge(together=False), "not in the same table"),
    ("11.1", merge(empty=False), "d.jpg is missing"),
    ("11.1", merge(order=False), "not sorted"),
    ("11.1", nothing, "returns nothing"),
    ("11.1", crash, "stops with an error"),
    ("11.2", answer_all(arrival=True), "another photo's answer"),
    ("11.2", answer_all(pool=False), "one thread"),
    ("11.2", answer_all(drop=1), "8 paths came in, and 7"),
    ("11.2", answer_all(as_list=True), "Return a dict"),
    ("11.2", nothing, "returns nothing"),
    ("11.2", crash, "stops with an error"),
    ("11.3", fastest(turned=True), "not in the order"),
    ("11.3", fastest(drop_rest=True), "need probabilities of the shape"),
    ("11.3", upside_down, "not the released network's"),
    ("11.3", nothing, "returns nothing"),
    ("11.3", crash, "stops with an error"),
]
