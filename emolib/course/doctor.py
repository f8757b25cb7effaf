"""Is this computer ready for the course? If not: what is wrong, and how to fix it.

It starts with the standard library alone: it is needed most when the packages are missing.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..errors import EmolibError
from . import environment, paths
from .setup import package_problems

SMALL_MEMORY = 5.0  # GB: with less, run only one notebook at a time
LITTLE_FREE = 1.5  # GB: with less, TensorFlow and a browser do not fit
LITTLE_DISK = 0.5  # GB
OK = "ok"
WARNING = "warning"
ERROR = "error"
MARKS = {OK: "ok     ", WARNING: "WARNING", ERROR: "ERROR  "}
LAB_EXTENSIONS = {"ipywidgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        topic: What was checked, such as "memory".
        state: "ok", "warning" (works, with a drawback) or "error".
        words: What was found and, unless it is ok, what to do.
    """

    topic: str
    state: str
    words: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{MARKS[self.state]}  {self.topic}: {self.words}"


def examine() -> Iterator[Finding]:
    """Check everything the course needs, the slow things last; change nothing.

    Yields:
        One or more findings per topic, as soon as they are known.
    """
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "Python": _python,
        "packages": _packages,
        "kernel": _kernel,
        "widgets": _widgets,
        "memory": _memory,
        "disk": _disk,
        "models": _models,
        "TensorFlow": _tensorflow,
    }
    for topic, check in checks.items():
        try:
            yield from check()
        except ModuleNotFoundError as error:  # the check of the packages says how to get it
            yield Finding(topic, WARNING, f"not checked, because {error.name} is missing")
        except Exception as error:  # whatever is wrong here must not stop the other checks
            yield Finding(topic, WARNING, f"could not be checked ({type(error).__name__}: {error})")


def summary(findings: list[Finding]) -> str:
    """Return one line about this computer, to send to the teacher.

    It contains versions and sizes, but no user name and no path.

    Args:
        findings: What `examine` found.
    """
    parts = [f"emolib {__version__}", f"Python {platform.python_version()}"]
    try:
        parts.append(f"TensorFlow {importlib.metadata.version('tensorflow')}")
    except importlib.metadata.PackageNotFoundError:
        parts.append("no TensorFlow")
    parts += [f"{platform.system()} {platform.machine()}", f"{os.cpu_count()} cores"]
    with contextlib.suppress(ModuleNotFoundError):
        parts.append(f"{_memory_in_gb()[0]:.0f} GB")
    states = {state: [f.topic for f in findings if f.state == state] for state in (ERROR, WARNING)}
    words = [f"{state}: {', '.join(dict.fromkeys(t))}" for state, t in states.items() if t]
    return f"{', '.join(parts)}; {'; '.join(words) or 'all ok'}"


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    if environment.is_too_new():
        newest = ".".join(map(str, environment.NEWEST_PYTHON))
        words = f"{version} is newer than TensorFlow supports: install Python {newest}"
        yield Finding("Python", ERROR, words)
    elif sys.maxsize < 2**32:
        words = f"{version} is 32-bit, but TensorFlow needs 64 bits: install the 64-bit version"
        yield Finding("Python", ERROR, words)
    else:
        yield Finding("Python", OK, version)


def _packages() -> Iterator[Finding]:
    problems = list(package_problems("ipykernel" in sys.modules))
    for problem in problems:
        yield Finding("packages", ERROR, problem)
    if not problems:
        yield Finding("packages", OK, "all are installed, in supported versions")


def _kernel() -> Iterator[Finding]:
    """Check which Python a notebook would run with; an older installation may come first."""
    if _in_colab():
        return
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        yield Finding("kernel", ERROR, f"Jupyter is missing: run {environment.how_to_fix()}")
        return
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        words = "Jupyter has no Python to run notebooks with: run pip install ipykernel"
        yield Finding("kernel", ERROR, words)
        return
    # a bare name means the Python that runs Jupyter; a path is not resolved, because the Pythons of
    # two environments may be links to the same file
    if not os.path.dirname(program) or Path(program).parent == Path(sys.executable).parent:
        yield Finding("kernel", OK, "notebooks run with this Python")
    else:
        words = (
            "notebooks would run with a different Python, without the course's packages: "
            "run python -m ipykernel install --sys-prefix"
        )
        yield Finding("kernel", ERROR, words)


def _widgets() -> Iterator[Finding]:
    if _in_colab():
        return
    from jupyter_core.paths import jupyter_path

    places = [Path(place) for place in jupyter_path("labextensions")]
    for package, extension in LAB_EXTENSIONS.items():
        if not any((place / extension / "package.json").is_file() for place in places):
            words = (
                f"JupyterLab cannot find its extension for {package}: run "
                f"pip install --force-reinstall {package} and restart JupyterLab"
            )
            yield Finding("widgets", ERROR, words)
            return
    yield Finding("widgets", OK, "JupyterLab can show them; a camera is not needed")


def _memory() -> Iterator[Finding]:
    total, free = _memory_in_gb()
    if free < LITTLE_FREE:
        words = f"only {free:.1f} of {total:.0f} GB are free: close other programs before you start"
        yield Finding("memory", WARNING, words)
    elif total < SMALL_MEMORY:
        words = (
            f"{total:.0f} GB is enough for one notebook at a time: before you open the next one, "
            "choose Kernel, Shut Down Kernel"
        )
        yield Finding("memory", WARNING, words)
    else:
        yield Finding("memory", OK, f"{free:.0f} of {total:.0f} GB are free")


def _memory_in_gb() -> tuple[float, float]:
    """Return the total memory and the memory available to programs."""
    import psutil

    memory = psutil.virtual_memory()
    return memory.total / 1e9, memory.available / 1e9


def _disk() -> Iterator[Finding]:
    """Check that the disk has space and that notebook 03 can save a network."""
    free = shutil.disk_usage(paths.course_dir()).free / 1e9
    if free < LITTLE_DISK:
        words = f"only {free:.1f} GB are free: delete or move some files before you start"
        yield Finding("disk", WARNING, words)
    place = paths.models_dir(create=False)
    try:
        with tempfile.TemporaryFile(dir=_nearest(place)):
            pass
    except OSError:
        words = (
            "cannot write to the folder models, where notebook 03 saves your network: copy the "
            "whole course to a folder of your own and work there"
        )
        yield Finding("disk", ERROR, words)
        return
    if not os.access(".", os.W_OK):
        words = (
            "this folder is read-only, so you cannot save notebooks here: to get your own copies, "
            "run python -m emolib student"
        )
        yield Finding("disk", WARNING, words)
    elif free >= LITTLE_DISK:
        words = f"{free:.0f} GB are free, and your networks go to {paths.display_path(place)}"
        yield Finding("disk", OK, words)


def _nearest(place: Path) -> Path:
    """Return the folder itself or, if it does not exist yet, the one to create it in."""
    return next(above for above in (place, *place.absolute().parents) if above.is_dir())


def _models() -> Iterator[Finding]:
    import numpy as np

    from ..faces import find_faces
    from ..images import to_array
    from ..inference.classifier import load_classifier
    from ..rendering import Look, render_face

    try:
        classifier = load_classifier()
        smile = render_face({6: 0.8, 12: 1.0, 25: 0.6}, Look(), color=True)
        find_faces(smile)
        answer = classifier.predict_arrays(to_array(smile)[np.newaxis])[0]
    except (EmolibError, OSError) as error:
        yield Finding("models", ERROR, str(error))
        return
    if classifier.class_names[answer.argmax()] == "happy":
        yield Finding("models", OK, "the released network calls a rendered smile happy")
    else:
        words = "the released network calls a rendered smile sad: download the course again"
        yield Finding("models", ERROR, words)


def _tensorflow() -> Iterator[Finding]:
    """Load TensorFlow in a separate process: on an unsupported processor it crashes Python."""
    if importlib.util.find_spec("tensorflow") is None:
        raise ModuleNotFoundError(name="tensorflow")
    command = [sys.executable, "-c", "import tensorflow"]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=quiet)
    if not done.returncode:
        yield Finding("TensorFlow", OK, "starts")
    elif done.returncode in (-4, 0xC000001D):
        said = "this processor is too old for it (no AVX): use Colab or a different computer"
        yield Finding("TensorFlow", ERROR, said)
    else:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        said = f"does not start ({last}): run pip install --force-reinstall tensorflow"
        yield Finding("TensorFlow", ERROR, said)


def _in_colab() -> bool:
    return "google.colab" in sys.modules
