"""What keeps the service responsive: refusals in one sentence, and a bounded queue."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PLACES = 32  # requests that one worker reads, queues and answers at the same time
ROOM = 4  # requests of the largest size that it has room for
RETRY = 2  # seconds until a place is likely to be free
LINGER = 3  # seconds
QUIET = 1  # seconds without a request, after which memory goes back to the system

Item = TypeVar("Item")
Result = TypeVar("Result")


class Refused(Exception):
    """A request gets no answer; the message is one sentence that says why and what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        """Take the HTTP status and the sentence."""
        super().__init__(sentence)
        self.status = status
        self.headers = {"Retry-After": str(RETRY)} if status == 503 else {}


class Lingering:
    """Send a response, then ignore the rest of the request's body, for a few seconds at most.

    A server that closes the connection while the client is sending may cost the client the answer.
    """

    def __init__(self, response: Response) -> None:
        """Wrap a response."""
        self.response = response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks."""
        start = {"type": "http.response.start", "status": self.response.status_code}
        await send(start | {"headers": self.response.raw_headers})
        body = {"type": "http.response.body", "body": self.response.body}
        await send(body | {"more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while (await receive()).get("more_body"):
                    pass
        await send({"type": "http.response.body", "body": b""})


class Desk:
    """A pool of threads behind a bounded queue."""

    def __init__(self, room: int, threads: int | None = None) -> None:
        """Start empty.

        Args:
            room: The most bytes that all requests together may have.
            threads: Pictures to work on at the same time; by default, one per core.
        """
        self._room = room
        self._held = 0
        self._width = threads or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self._width)
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[Callable[[int], None]]:
        """Take a place in the queue for as long as the block runs.

        Yields:
            A function to call with the number of bytes of each piece that arrives.

        Raises:
            Refused: No place is free, or no room for more bytes.
        """
        held = 0

        def hold(size: int) -> None:
            nonlocal held
            held += size
            self._held += size
            if self._held > self._room:
                raise _busy()

        if self._taken >= PLACES:
            raise _busy()
        self._taken += 1
        try:
            yield hold
        finally:
            self._taken -= 1
            self._held -= held
            if not self._taken:
                asyncio.get_running_loop().call_later(QUIET, self._rest)

    async def map(
        self, request: Request, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Return `[work(item) for item in items]`, computed in the threads.

        A request hands in only a few items at a time, so that others get their turn.

        Raises:
            ClientDisconnect: The client has gone.
        """
        window = asyncio.Semaphore(self._width)
        loop = asyncio.get_running_loop()

        async def one(item: Item) -> Result:
            async with window:
                if await request.is_disconnected():
                    raise ClientDisconnect
                return await loop.run_in_executor(self._threads, work, item)

        return list(await asyncio.gather(*map(one, items)))

    def _rest(self) -> None:
        if not self._taken:
            with suppress(RuntimeError):  # it has been closed in the meantime
                self._threads.submit(_give_memory_back)

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown(cancel_futures=True)


def _give_memory_back() -> None:
    """Have the C library return what the last pictures took, which each thread would keep."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # not every C library has it
            ctypes.CDLL(None).malloc_trim(0)


def _busy() -> Refused:
    return Refused(503, f"Too many requests at once: try again in {RETRY} seconds.")
