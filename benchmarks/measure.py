"""What the benchmarks share: taking turns, medians, peak memory, tables.

The machine may be busy with something else, so all cases take turns, ratios are formed within a
turn, and what counts is their median. Nothing heavy is loaded here: on Linux, the peak memory of a
new process starts at its parent's memory.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

RESULTS = Path(__file__).parent / "results"  # numbers that notebooks show
RELEASED = Path(__file__).resolve().parent.parent / "models" / "emotion_model.onnx"
MATRIX = 1024

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """One finished process.

    Attributes:
        seconds: From start to end.
        first_line: Seconds from the start to its first line of output.
        peak: Its largest resident memory in MB (10^6 bytes); on Linux at least this process's.
    """

    seconds: float
    first_line: float
    peak: float


def arguments(description: str, repeats: int, model: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the arguments that the benchmarks share."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    if model:
        parser.add_argument("--model", metavar="FILE", default=RELEASED, help="the .onnx file")
    parser.add_argument("--repeats", type=int, default=repeats, help="turns of each case")
    return parser


def write_results(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write what is measured so far as CSV, sorted."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *sorted(rows)])


def in_turns(
    cases: dict[str, Callable[[], T]], repeats: int, warm_up: bool = True
) -> dict[str, list[T]]:
    """Call all cases in turn, `repeats` times, after one call each to warm up.

    Returns:
        {name: what the case returned in each turn}.
    """
    results: dict[str, list[T]] = {name: [] for name in cases}
    for turn in range(0 if warm_up else 1, repeats + 1):
        for name, case in cases.items():
            if sys.stderr.isatty():
                print(f"\r\x1b[Kturn {turn} of {repeats}: {name}", end="\r", file=sys.stderr)
            result = case()
            if turn:
                results[name].append(result)
    return results


def ratio(values: Sequence[float], baseline: Sequence[float]) -> float:
    """Return the median of values / baseline, turn by turn."""
    return statistics.median(v / b for v, b in zip(values, baseline, strict=True))


def seconds(call: Callable[[], object], at_least: float = 0.3) -> float:
    """Return the mean time of a call, repeated for `at_least` seconds."""
    calls, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < at_least:
        call()
        calls += 1
    return elapsed / calls


def matrix_product_rate() -> float:
    """Return numpy's multiply-adds per second for float32 matrices of 1024 x 1024, on all cores."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    a = np.ones((MATRIX, MATRIX), np.float32)
    cores = os.cpu_count() or 1
    # a product for each core: one product shared by all waits for the busiest core
    with threadpool_limits(1), ThreadPoolExecutor(cores) as pool:
        times = list(pool.map(lambda _: seconds(lambda: a @ a), range(cores)))
    return sum(MATRIX**3 / each for each in times)


def run(words: Sequence[str], stop_at_first_line: bool = False) -> Run:
    """Run `python WORDS` as a fresh process and measure it; end here if it fails."""
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
        )
        process.stdout.readline()
        first_line = time.perf_counter() - start
        if stop_at_first_line:
            process.kill()
        for _ in process.stdout:
            pass
        # wait4 gives the peak of this process alone, RUSAGE_CHILDREN that of the largest so far
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode and not stop_at_first_line:
            errors.seek(0)
            sys.exit(f"python {' '.join(map(str, words))} failed:\n{errors.read()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(elapsed, first_line, usage.ru_maxrss * unit / 1e6)


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below a header, the first column to the left, the others to the right."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print(first.ljust(widths[0]), *cells, sep="  ")
