"""A Dask cluster against one machine: photos per second, one photo's overhead, the scheduler.

    python benchmarks/cluster.py

Scheduler and workers are processes of this machine, so two workers cannot be faster than
`predict_many`, which uses all cores: the ratio is what the cluster costs. On a busy machine, more
processes get a larger share of it, so look at the processor time too: it hardly depends on what
else runs here. The scheduler's processor time shows how many workers it can feed.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import psutil
from distributed import Client, wait
from measure import arguments, in_turns, print_table, ratio, seconds

from emolib.images import open_image
from emolib.inference import Classifier, cluster, load_classifier

ALL_CORES = "predict_many, all cores"
ONE_THREAD = "predict_many, one thread"
TASKS = 2000  # that do nothing
CHUNKS = 200  # of photos that do not exist: all the messages, and no work

Machines = list[psutil.Process]
Spent = tuple[float, float]  # seconds, and seconds of processor time


def main() -> None:
    parser = arguments("Measure a Dask cluster of this machine.", repeats=3)
    parser.add_argument("--photos", type=int, default=320, help="of half a megapixel")
    args = parser.parse_args()
    print(f"Load of this machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    classifier = load_classifier(args.model)
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        photos = make(Path(place), args.photos)
        one, two = (stack.enter_context(machines(Path(place), n)) for n in (1, 2))
        cases = {
            ALL_CORES: lambda: run(classifier, photos),
            ONE_THREAD: lambda: run(classifier, photos, threads=1),
            "cluster, one worker": lambda: on_cluster(*one, classifier, photos),
            "cluster, two workers": lambda: on_cluster(*two, classifier, photos),
        }
        runs = in_turns(cases, args.repeats)
        speed(runs, len(photos))
        overhead(one[0], classifier, photos[0], args.repeats)
        photo = median(cpu for _, cpu in runs[ONE_THREAD]) / len(photos)
        scheduler(*two, classifier, photo * cluster.PHOTOS)
    print(f"\nLoad of this machine after: {os.getloadavg()[0]:.1f}")


def make(folder: Path, n: int) -> list[str]:
    """Write n photos: selfies, each of a different width."""
    from emolib.data import selfies

    faces = [open_image(path) for path in selfies()]
    paths = [str(folder / f"{i:04}.jpg") for i in range(n)]
    for i, path in enumerate(paths):
        faces[i % len(faces)].resize((580 + i % 41, 864)).save(path, quality=90)
    return paths


@contextlib.contextmanager
def machines(folder: Path, workers: int) -> Iterator[tuple[Client, Machines]]:
    """Start a scheduler and workers of one thread each; yield a client, and the processes."""
    file = folder / f"{workers}.json"
    words = ["--scheduler-file", str(file), "--no-dashboard"]
    kinds = [["scheduler", "--host", "127.0.0.1", "--port", "0"]]
    kinds += [["worker", "--nthreads", "1", "--no-nanny"]] * workers
    log = subprocess.DEVNULL
    started = [
        subprocess.Popen([sys.executable, "-m", "dask", *kind, *words], stdout=log, stderr=log)
        for kind in kinds
    ]
    try:
        while not (file.is_file() and file.read_text()):
            time.sleep(0.1)
        with cluster.connect(json.loads(file.read_text())["address"]) as client:
            client.wait_for_workers(workers)
            yield client, [psutil.Process(process.pid) for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def run(classifier: Classifier, photos: list[str], threads: int | None = None) -> Spent:
    return spent(lambda: list(classifier.predict_many(photos, threads=threads)), [])


def on_cluster(
    client: Client, machines: Machines, classifier: Classifier, photos: list[str]
) -> Spent:
    answers = cluster.predict_on_cluster(client, photos, classifier)
    return spent(lambda: list(answers), machines)


def spent(call: Callable[[], object], machines: Machines) -> Spent:
    """Return the seconds of a call, and its processor time here and in other processes."""
    processes = [psutil.Process(), *machines]
    start = time.perf_counter()
    before = sum(map(used, processes))
    call()
    return time.perf_counter() - start, sum(map(used, processes)) - before


def used(process: psutil.Process) -> float:
    """Return the processor time that a process has used, in seconds."""
    times = process.cpu_times()
    return times.user + times.system


def speed(runs: dict[str, list[Spent]], n: int) -> None:
    """Print the photos per second of each case."""
    head = ["", "photos per second", "of all cores", "of one thread", "ms of processor per photo"]
    times = {name: [elapsed for elapsed, _ in some] for name, some in runs.items()}
    rows = []
    for name, some in runs.items():
        against = [f"{1 / ratio(times[name], times[base]):.2f}" for base in (ALL_CORES, ONE_THREAD)]
        cpu = median(1000 * cpu / n for _, cpu in some)
        rows.append([name, f"{n / median(times[name]):.1f}", *against, f"{cpu:.1f}"])
    print_table(head, rows)


def overhead(client: Client, classifier: Classifier, photo: str, repeats: int) -> None:
    """Print what a list of one photo takes."""
    cases = {
        "predict_many": lambda: seconds(lambda: run(classifier, [photo]), 2),
        "cluster": lambda: seconds(lambda: on_cluster(client, [], classifier, [photo]), 2),
    }
    here, there = (median(values) for values in in_turns(cases, repeats).values())
    print(
        f"\nOne photo: {1000 * here:.0f} ms on this machine, {1000 * there:.0f} ms on the cluster,"
        f" {there / here:.1f} times as long"
    )


def scheduler(client: Client, machines: Machines, classifier: Classifier, chunk: float) -> None:
    """Print the processor time of the scheduler per task, and what it implies.

    Args:
        client: Of a cluster.
        machines: Its processes, the scheduler first.
        classifier: To answer with.
        chunk: Processor time of a chunk of photos on a worker, in seconds.
    """
    start = used(machines[0])
    elapsed, _ = spent(lambda: do_nothing(client), [])
    nothing = (used(machines[0]) - start) / TASKS
    start = used(machines[0])
    _, ours = spent(
        lambda: on_cluster(client, [], classifier, ["/no.jpg"] * CHUNKS * cluster.PHOTOS), []
    )
    carried = (used(machines[0]) - start) / CHUNKS
    ours /= CHUNKS
    print(
        f"\nTasks that do nothing: {TASKS / elapsed:.0f} per second here; {1e6 * nothing:.0f} us of"
        f" the scheduler each, so {1 / nothing:.0f} per second if it has a core to itself\n"
        f"A chunk of {cluster.PHOTOS} photos: {1000 * chunk:.0f} ms of a worker's thread,"
        f" {1000 * carried:.1f} ms of the scheduler, {1000 * ours:.1f} ms of the client\n"
        f"On paper, a scheduler feeds {chunk / carried:.0f} threads of workers, and a client takes"
        f" the answers of {chunk / ours:.0f}"
    )


def do_nothing(client: Client) -> None:
    with client.as_current():
        wait(client.map(abs, range(TASKS), pure=False))


if __name__ == "__main__":
    main()
