"""The web service: photos per second and time to an answer with 1, 4 and 16 clients; memory.

    python benchmarks/service.py

Each turn starts the service in its own process. The baseline is `Classifier.predict_many` on the
same photos, also in its own process.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

import httpx
import psutil
from measure import arguments, print_table, ratio

from emolib.data import selfies

CLIENTS = (1, 4, 16)
HEADERS = {"Content-Type": "image/jpeg"}
PATIENCE = 120  # seconds
BASELINE = """
import sys, time, emolib
from emolib.data import selfies
model, n = sys.argv[1], int(sys.argv[2])
photos = [path.read_bytes() for path in selfies()]
classifier = emolib.load_classifier(model)
list(classifier.predict_many(photos[:4], batch_size=1))
start = time.perf_counter()
for photo in classifier.predict_many((photos[i % len(photos)] for i in range(n)), batch_size=1):
    assert len(photo) == 1
print(time.perf_counter() - start)
"""


@dataclass(frozen=True)
class Turn:
    """What one turn measured.

    Attributes:
        rate: Photos per second.
        times: Seconds from a request to its answer; empty for the baseline.
    """

    rate: float
    times: tuple[float, ...] = ()


def main() -> None:
    parser = arguments("Measure the web service.", repeats=5)
    parser.add_argument("--photos", type=int, default=48, help="photos of each case in a turn")
    args = parser.parse_args()
    turns: list[dict[int, Turn]] = []
    ready: list[float] = []
    memory: list[float] = []
    for _ in range(args.repeats):
        begun = time.perf_counter()
        with service(args.model) as (address, process):
            ready.append(time.perf_counter() - begun)
            visit(address, 4, 2)  # warms up
            turn = {0: baseline(args.model, args.photos)}
            turn |= {n: visit(address, args.photos, n) for n in CLIENTS}
            memory.append(process.memory_info().rss / 1e6)
        turns.append(turn)
    report(turns)
    print(f"ready after {median(ready):.2f} s; memory afterwards {median(memory):.0f} MB")


def report(turns: list[dict[int, Turn]]) -> None:
    """Print the medians over the turns; times of all turns together."""
    base = [turn[0].rate for turn in turns]
    rows = [["predict_many", f"{median(base):.1f}", "1", "", ""]]
    for n in CLIENTS:
        rates = [turn[n].rate for turn in turns]
        times = [1000 * each for turn in turns for each in turn[n].times]
        late = quantiles(times, n=20)[-1]
        cells = [f"{median(rates):.1f}", f"{ratio(rates, base):.2f}"]
        rows.append([f"clients: {n}", *cells, f"{median(times):.0f}", f"{late:.0f}"])
    head = ["", "photos a second", "of predict_many", "median ms", "95% below, ms"]
    print_table(head, rows)


@contextmanager
def service(model: str) -> Iterator[tuple[str, psutil.Process]]:
    """Start the service, and wait until it answers."""
    words = [sys.executable, "-m", "emolib", "serve", "--port", "0", "--model", str(model)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = re.findall(r"http://\S+:\d+", process.stdout.readline())[0]
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            try:
                httpx.get(f"{address}/health")
                break
            except httpx.TransportError:
                time.sleep(0.01)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def visit(address: str, n: int, clients: int) -> Turn:
    """Send n photos, one at a time from each of several clients."""
    photos = [path.read_bytes() for path in selfies()]
    local = threading.local()

    def ask(number: int) -> float:
        if not hasattr(local, "client"):
            local.client = httpx.Client(base_url=address, timeout=PATIENCE, headers=HEADERS)
        start = time.perf_counter()
        answer = local.client.post("/predict", content=photos[number % len(photos)])
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - start

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = tuple(pool.map(ask, range(n)))
    return Turn(n / (time.perf_counter() - start), times)


def baseline(model: str, n: int) -> Turn:
    """Classify n photos with `predict_many`."""
    words = [sys.executable, "-c", BASELINE, str(model), str(n)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return Turn(n / float(done.stdout))


if __name__ == "__main__":
    main()
