"""The same work for many files, on all cores, with a progress bar if wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def on_all_cores(
    function: Callable[[Item], Result], items: Sequence[Item], doing: str, progress: bool
) -> list[Result]:
    """Return `[function(item) for item in items]`, worked out in threads.

    Opening and scaling pictures frees Python's lock, so that threads do run at once.

    Args:
        function: What to do; the first exception it raises is raised here.
        items: What to do it with.
        doing: A word or two beside the progress bar, such as "reading pictures".
        progress: Show the bar; it vanishes at the end.
    """
    with ThreadPoolExecutor() as pool:
        results = pool.map(function, items)
        if progress:
            from tqdm import tqdm

            results = tqdm(results, doing, len(items), unit="file", leave=False)
        return list(results)
