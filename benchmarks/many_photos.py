"""One core, threads, processes and a Dask cluster on the same photos, for notebook 11.

    python benchmarks/many_photos.py

Whole photos (boards with one to four portraits) and faces that are cropped already, answered in a
loop, by threads, by processes, and by the workers of a Dask cluster on this machine. OpenCV gets
one thread in each process, so that one worker means one core, and each process loads the network
once. Results go to `benchmarks/results/many_photos.csv`, one row per run: the seconds until all
workers are ready, the seconds for the answers, and the processor time of the answers. Other
programs can only make a run slower, so the notebook shows the fastest one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from distributed import Client, LocalCluster
from measure import RESULTS, arguments, print_table, write_results

# before OpenCV is loaded, here and in all processes that are started here
os.environ["OPENCV_FOR_THREADS_NUM"] = "1"
os.environ["OPENCV_LOG_LEVEL"] = "ERROR"

TARGET = RESULTS / "many_photos.csv"
HEAD = ["kind", "method", "workers", "turn", "items", "start_s", "answer_s", "processor_s"]
CASES = [("loop", 1)] + [
    (method, workers)
    for method, counts in (("threads", (2, 4)), ("processes", (1, 2, 4)), ("cluster", (1, 2, 4)))
    for workers in counts
]
CHUNKS = {"photos": 4, "crops": 250}  # items in a task

Apply = Callable[[Callable, Sequence], list]  # a function on all chunks


def main() -> None:
    parser = arguments("Measure threads, processes and a cluster on many photos.", repeats=5)
    parser.add_argument("--photos", type=int, default=200, help="boards with portraits")
    parser.add_argument("--crops", type=int, default=5000, help="cropped faces")
    args = parser.parse_args()
    print(f"Load of this machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    from emolib import load_classifier
    from emolib.course.album import make_album

    classifier = load_classifier(args.model)
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        album = [*make_album(Path(folder, "album"), args.photos)]
        work = {
            "photos": (in_chunks(album, "photos"), read),
            "crops": (in_chunks(crops(args.crops), "crops"), ask),
        }
        for turn in range(1, args.repeats + 1):
            for method, workers in CASES:
                with METHODS[method](workers, classifier) as (apply, started):
                    for kind, (chunks, function) in work.items():
                        items = sum(map(len, chunks))
                        spent = measured(apply, function, chunks)
                        row = [kind, method, workers, turn, items, *(f"{s:.2f}" for s in spent)]
                        rows.append([*row[:5], f"{started:.2f}", *row[5:]])
                write_results(TARGET, HEAD, rows)
    print_table(HEAD, sorted(rows))
    print(f"Load of this machine after: {os.getloadavg()[0]:.1f}")


def read(paths: Sequence[str], classifier: Any) -> list[Any]:
    return [classifier.predict(path, preview=False) for path in paths]


def ask(faces: np.ndarray, classifier: Any) -> np.ndarray:
    return classifier.predict_arrays(faces)


def crops(n: int) -> np.ndarray:
    """Return n rendered faces, the same ones over and over."""
    from emolib import course, data

    dataset = data.split(data.scan(course.folder("rendered")), validation=0, test=0)
    faces, _ = data.examples(dataset, "train", dataset.class_names)
    return np.resize(faces, (n, *faces.shape[1:]))


def in_chunks(items: Sequence, kind: str) -> list[Sequence]:
    size = CHUNKS[kind]
    return [items[i : i + size] for i in range(0, len(items), size)]


def measured(apply: Apply, function: Callable, chunks: Sequence) -> tuple[float, float]:
    """Return the seconds for all chunks, and the processor time of this and all child processes."""
    apply(function, chunks[:8])  # a warm-up: the network is loaded
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    start = time.perf_counter()
    before = sum(map(used, family))
    answers = apply(function, chunks)
    elapsed = time.perf_counter() - start
    assert sum(map(len, answers)) == sum(map(len, chunks))
    return elapsed, sum(map(used, family)) - before


def used(process: psutil.Process) -> float:
    """Return the processor time that a process has used, in seconds."""
    times = process.cpu_times()
    return times.user + times.system


@contextlib.contextmanager
def loop(workers: int, classifier: Any) -> Iterator[tuple[Apply, float]]:
    yield (lambda function, chunks: [function(chunk, classifier) for chunk in chunks]), 0.0


@contextlib.contextmanager
def threads(workers: int, classifier: Any) -> Iterator[tuple[Apply, float]]:
    with ThreadPoolExecutor(workers) as pool:
        yield (lambda function, chunks: list(pool.map(function, chunks, repeat(classifier)))), 0.0


own: Any = None  # the classifier of a process


def keep(classifier: Any) -> None:
    global own
    own = classifier


def with_own(function: Callable, chunk: Sequence) -> Any:
    return function(chunk, own)


@contextlib.contextmanager
def processes(workers: int, classifier: Any) -> Iterator[tuple[Apply, float]]:
    start = time.perf_counter()
    with ProcessPoolExecutor(workers, get_context("spawn"), keep, (classifier,)) as pool:
        list(pool.map(time.sleep, [0.2] * workers))  # until each has started
        started = time.perf_counter() - start
        yield (lambda function, chunks: list(pool.map(with_own, repeat(function), chunks))), started


@contextlib.contextmanager
def cluster(workers: int, classifier: Any) -> Iterator[tuple[Apply, float]]:
    start = time.perf_counter()
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as machines,
        Client(machines) as client,
    ):
        everywhere = client.scatter(classifier, broadcast=True)
        started = time.perf_counter() - start

        def apply(function: Callable, chunks: Sequence) -> list:
            # one at a time: Dask warns about a long list with all the crops in it
            tasks = [client.submit(function, chunk, everywhere, pure=False) for chunk in chunks]
            return client.gather(tasks)

        yield apply, started


METHODS = {"loop": loop, "threads": threads, "processes": processes, "cluster": cluster}


if __name__ == "__main__":
    main()
