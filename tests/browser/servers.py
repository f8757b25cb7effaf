"""JupyterLab and Voila as the README starts them, on a copy of the course that may be changed."""

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
from jupyter_client import BlockingKernelClient

ROOT = Path(__file__).parents[2]
COURSE = ("pyproject.toml", "*.json", "data/rendered", "models", "notebooks")
PATIENCE = 90  # seconds


class Server:
    """A running server. Everything that it may write lies below `place`."""

    def __init__(self, command, place, *options):
        self.place, self.course, self.log = place, place / "course", place / "log.txt"
        for pattern in COURSE:
            for path in ROOT.glob(pattern):
                copy(path, self.course / path.relative_to(ROOT))
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        words = [*shlex.split(command), "--no-browser", f"--port={self.port}", *options]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                words, cwd=self.course, env=surroundings(place), stdout=log, stderr=log
            )

    def wait(self):
        """Wait until the server listens."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def kernels(self):
        """The processes of its kernels."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in children if "ipykernel_launcher" in words_of(process)]

    def ask(self, expression):
        """What an expression is in the newest kernel, as Python writes it."""
        files = self.place.rglob("kernel-*.json")
        newest = max(files, key=lambda file: file.stat().st_mtime)
        client = BlockingKernelClient(connection_file=str(newest))
        client.load_connection_file()
        client.start_channels()
        try:
            asked = {"user_expressions": {"it": expression}, "reply": True, "timeout": PATIENCE}
            answer = client.execute("", silent=True, **asked)["content"]["user_expressions"]["it"]
        finally:
            client.stop_channels()
        return answer["data"]["text/plain"]

    def files(self, folder="."):
        """Every file that lies below a folder of `place` now."""
        return {path for path in (self.place / folder).rglob("*") if path.is_file()}

    def stop(self):
        """End the server and its kernels."""
        if self.process.poll() is None:
            server = psutil.Process(self.process.pid)
            family = [server, *server.children(recursive=True)]
            server.terminate()
            _, alive = psutil.wait_procs(family, timeout=20)
            for process in alive:
                process.kill()


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    else:
        shutil.copy(source, target)


def surroundings(place):
    """The environment of somebody who has never used Jupyter before."""
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "jupyter", "TMPDIR": "tmp"}
    folders |= {"JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    for name in folders.values():
        (place / name).mkdir(parents=True, exist_ok=True)
    own = {variable: str(place / name) for variable, name in folders.items()}
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | own | {"PATH": programs}


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def words_of(process):
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []
