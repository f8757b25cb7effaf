"""The web service as a process of its own, and as a thread whose parts a test can change."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil
import uvicorn

ROOT = Path(__file__).parents[1]
PATIENCE = 300  # seconds: a machine may be slow


class Process:
    """`python -m emolib serve` at a free port; its temporary files go to `place / "tmp"`."""

    def __init__(self, place, *words):
        self.temporary = place / "tmp"
        self.temporary.mkdir(parents=True)
        self.log = place / "log.txt"
        # TMPDIR is for POSIX, the others for Windows
        env = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.temporary))
        command = [sys.executable, "-m", "emolib", "serve", "--port", "0", *words]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=env, cwd=ROOT)
        self.address = self._wait()

    def _wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http://\S+:\d+", self.log.read_text())
            with contextlib.suppress(httpx.TransportError):
                if found and httpx.get(f"{found[0]}/health").status_code == 200:
                    return found[0]
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"The service did not start:\n{self.log.read_text()}")

    def client(self):
        return httpx.Client(base_url=self.address, timeout=PATIENCE)

    def workers(self):
        """The processes that answer."""
        parent = psutil.Process(self.process.pid)
        # spawned processes come with one that watches over shared resources
        children = [p for p in parent.children() if "spawn_main" in " ".join(p.cmdline())]
        return children or [parent]

    def memory(self):
        """MB that each worker has in memory."""
        return [worker.memory_info().rss / 1e6 for worker in self.workers()]

    def written(self):
        """Bytes that the workers have written to disks so far; Linux counts them."""
        return sum(worker.io_counters().write_bytes for worker in self.workers())

    def stop(self):
        """Ask it to end, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()


@contextlib.contextmanager
def in_thread(app):
    """Serve an application from a thread; yields a client."""
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        try:
            with httpx.Client(base_url=address, timeout=PATIENCE) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def files(*paths):
    """Files of a form, as httpx takes them."""
    return [("files", (Path(path).name, Path(path).read_bytes())) for path in paths]


@contextlib.contextmanager
def connection(address):
    """A bare connection: what is sent over it may be wrong in any way."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as wire:
        yield wire


def head(length=None, kind="image/jpeg", more=()):
    """The head of a request, as it goes over the wire."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = ["POST /predict HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", size, *more]
    return "\r\n".join([*lines, "", ""]).encode()


def reply(wire):
    """What comes back until the connection is quiet or closed."""
    answer = b""
    while b"\r\n\r\n" not in answer or not answer.rstrip().endswith((b"}", b"]", b">")):
        piece = wire.recv(65536)
        if not piece:
            break
        answer += piece
    return answer.decode(errors="replace")
