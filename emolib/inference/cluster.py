"""Many photos, many machines: chunks of a list go to a Dask cluster, answers come back in order.

Every photo is answered exactly once. If a worker dies, its chunks are done again elsewhere, and a
photo that crashes every program that reads it is reported by name.
"""

from __future__ import annotations

import itertools
import logging
import os
import pkgutil
import re
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, wait

from .. import __version__
from ..images import printable_name, why_no_file
from .classifier import Classifier, load_classifier
from .photo import Photo
from .worker import (
    ADDRESS,
    ClusterError,
    ModelParcel,
    answer_chunk,
    can_load,
    other_version,
    pack,
)

LOCAL = "local"
SCHEDULER = re.compile(r"((tcp|tls|ws|wss)://)?[^/\s]+:\d+")
CONNECT = 10  # seconds until a scheduler counts as missing
PHOTOS = 32  # in a chunk: seconds of work, so that a lost chunk costs little
CROPPED_FACES = 256  # in a chunk: each takes a millisecond or two
AHEAD = 3  # chunks per thread of the cluster: no thread waits, and memory stays flat
LOOK = 1.0  # seconds between checks of which workers are there


def to_stderr(sentence: str) -> None:
    """Write a sentence to stderr."""
    print(sentence, file=sys.stderr)


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """Connect to a Dask cluster.

    Args:
        address: The scheduler's, such as "tcp://scheduler:8786"; or "local", which starts a
            cluster on this machine and stops it at the end.

    Yields:
        The client.

    Raises:
        ClusterError: It is not an address, or no scheduler answers there.
    """
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a sentence says what happened
    if address == LOCAL:
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 2}),
            LocalCluster(dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    if not SCHEDULER.fullmatch(address):
        raise ClusterError(
            f"{address} is not the address of a scheduler: give one such as tcp://scheduler:8786, "
            'or "local".'
        )
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError):
        raise ClusterError(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, and give "
            "the address that it prints."
        ) from None
    with client:
        yield client


def predict_on_cluster(
    client: Client,
    sources: Iterable[str | os.PathLike],
    classifier: Classifier | None = None,
    face: bool = False,
    say: Callable[[str], None] = to_stderr,
) -> Iterator[Photo]:
    """Classify the faces in many photos, in order, on the workers of a Dask cluster.

    The workers open the photos themselves; the model comes from here. Only a few chunks per worker
    are under way at any time.

    Args:
        client: Connected to the cluster.
        sources: Paths that lead to the photos on every worker, and addresses such as
            s3://bucket/photo.jpg; read as they are needed.
        classifier: From `load_classifier`; by default, the released model.
        face: The pictures are already cropped faces.
        say: Called with a sentence if there are no workers; by default, it goes to stderr.

    Yields:
        One `Photo` per source. A photo that cannot be used has a sentence in `error`.

    Raises:
        ClusterError: A worker has a different emolib or cannot load the model, or the scheduler is
            gone.
        ModelError: The classifier has no file.
    """
    parcel = pack(classifier or load_classifier())
    try:
        work = _Work(client, parcel, face, say)
        yield from work.answers(sources)
    except (CancelledError, OSError) as error:
        if isinstance(error, OSError) and client.status == "running":
            raise  # from a task
        raise ClusterError(
            "The scheduler is gone, and its work in progress is lost: start it again."
        ) from None
    except ModuleNotFoundError as error:  # only now: the worker was not there at the start
        raise ClusterError(
            f"A worker lacks the package {error.name}: install emolib there."
        ) from None


class _Work:
    """One list of photos on its way through a cluster."""

    def __init__(
        self, client: Client, parcel: ModelParcel, face: bool, say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._face = face
        self._say = say
        self._key = f"emolib-{uuid.uuid4().hex}"
        self._count = itertools.count()
        self._waiting = False
        self._threads = 0
        self._looked = 0.0
        while not self._look():
            time.sleep(LOOK)
        self._check_versions()
        # a task, not scattered data: it is made again if the worker that holds it dies
        self._model = self._submit(replace, parcel)
        try:
            self._result(self._submit(can_load, self._model))
        except KilledWorker as error:
            raise ClusterError(
                f"Loading the model crashed {_programs(error)}: give the workers more memory."
            ) from None

    def answers(self, sources: Iterable[str | os.PathLike]) -> Iterator[Photo]:
        """Yield one `Photo` per source, in order."""
        names = (os.fspath(source) for source in sources)
        window: deque[tuple[list[str], Future]] = deque()
        size = CROPPED_FACES if self._face else PHOTOS
        while chunk := list(itertools.islice(names, size)):
            window.append((chunk, self._send(chunk)))
            while len(window) > AHEAD * self._look():
                yield from self._oldest(window)
        while window:
            yield from self._oldest(window)

    def _oldest(self, window: deque[tuple[list[str], Future]]) -> Iterator[Photo]:
        names, future = window.popleft()
        try:
            photos = self._result(future)
        except KilledWorker as error:
            self._check_blame(error, future)
            # only a photo that was alone can be blamed, so let all others finish
            for _, other in window:
                self._finish(other)
            photos = [self._alone(name) for name in names]
        for name, photo in zip(names, photos, strict=True):
            yield replace(photo, file=name)

    def _alone(self, name: str) -> Photo:
        future = self._send([name])
        try:
            return self._result(future)[0]
        except KilledWorker as error:
            self._check_blame(error, future)
            crashed = f"{printable_name(name)} crashed {_programs(error)} that read it"
            return Photo(
                name, 0, 0, error=f"{crashed}: leave it out, or open it and save it again."
            )

    def _check_blame(self, error: KilledWorker, future: Future) -> None:
        if error.task != future.key:
            raise ClusterError("The workers stop before they read a photo: check their logs.")

    def _send(self, names: list[str]) -> Future:
        return self._submit(answer_chunk, self._model, [_place(name) for name in names], self._face)

    def _submit(self, function: Callable[..., Any], *args: Any) -> Future:
        key = (self._key, next(self._count))  # never the key of an existing result
        return self._client.submit(function, *args, key=key, pure=False)

    def _result(self, future: Future) -> Any:
        self._finish(future)
        return future.result()

    def _finish(self, future: Future) -> None:
        while not future.done():
            try:
                with self._client.as_current():  # whose futures `wait` looks at
                    wait(future, timeout=LOOK)
            except TimeoutError:
                self._look()

    def _look(self) -> int:
        """Return the number of the cluster's threads; say so when there are none."""
        if time.monotonic() > self._looked + LOOK or not self._threads:
            self._threads = sum(self._client.nthreads().values())
            self._looked = time.monotonic()
            if not self._threads and not self._waiting:
                self._say("The cluster has no workers: waiting for one (press Ctrl+C to stop).")
            self._waiting = not self._threads
        return self._threads

    def _check_versions(self) -> None:
        """Check that all machines have this emolib, with nothing but the standard library."""
        asked = (pkgutil.resolve_name, f"{answer_chunk.__module__}:__version__")
        workers = self._client.run(*asked, on_error="return")
        answers = {f"The worker at {address}": answer for address, answer in workers.items()}
        try:
            answers["The scheduler"] = self._client.run_on_scheduler(*asked)
        except ImportError as error:
            answers["The scheduler"] = error
        for where, version in answers.items():
            if isinstance(version, ImportError):
                raise ClusterError(
                    f"{where} has no emolib, or an older one: install emolib {__version__} there."
                )
            if isinstance(version, str) and version != __version__:
                raise other_version(where, version, __version__)


def _place(name: str) -> str:
    """Return a source as a worker finds it, whatever folder it was started in."""
    return name if ADDRESS.match(name) or why_no_file(name) else os.path.abspath(name)


def _programs(error: KilledWorker) -> str:
    return f"{error.allowed_failures + 1} programs"
