"""The first check of every notebook: is everything installed, and where are the files?"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator

from .. import __version__
from .environment import not_installed
from .paths import course_dir, display_path, models_dir
from .solutions import fold_solutions


def setup_check(tensorflow: bool = True) -> None:
    """Print what is installed, what it runs on and where the files are.

    For a package that is missing or too old, print the command that fixes it. From then on, the
    solutions of a notebook run only when the reader asks for them; nothing else changes.

    Args:
        tensorflow: Load TensorFlow and print which device it uses. A notebook that only answers
            with a released model does not need it.
    """
    fold_solutions()
    problems = list(package_problems())
    print(f"emolib {__version__} on Python {platform.python_version()}")
    if tensorflow and not problems:
        print(f"TensorFlow {_version('tensorflow')} with Keras {_version('keras')}")
        try:
            print(f"Device: {_device()}")
        except Exception as error:  # a broken installation breaks in many ways
            problems.append(
                f"TensorFlow does not start ({type(error).__name__}): run "
                '%pip install --force-reinstall "tensorflow>=2.20" and restart the kernel.'
            )
    data = display_path(course_dir() / "data")
    print(f"Data in {data}, models in {display_path(models_dir(create=False))}")
    print("\n".join(problems) if problems else "Everything is installed.")


def _version(package: str) -> str:
    return importlib.metadata.version(package)


def package_problems(in_notebook: bool = True) -> Iterator[str]:
    """Check the packages that emolib requires.

    Args:
        in_notebook: Write commands for a notebook cell, not for a shell.

    Yields:
        A plain sentence for each package that is missing or has an unsupported version.
    """
    pip, then = ("%pip", " and restart the kernel.") if in_notebook else ("pip", "")
    try:
        from packaging.requirements import Requirement

        wanted = [Requirement(line) for line in importlib.metadata.requires("emolib") or []]
    except (ImportError, importlib.metadata.PackageNotFoundError):
        yield not_installed(in_notebook)
        return
    for one in wanted:
        if one.marker and not one.marker.evaluate({"extra": "course"}):
            continue
        fix = f'run {pip} install "{one.name}{one.specifier}"{then}'
        try:
            version = _version(one.name)
        except importlib.metadata.PackageNotFoundError:
            yield f"{one.name} is missing: {fix}"
        else:
            if not one.specifier.contains(version, prereleases=True):
                yield f"{one.name} {version} is not supported: {fix}"


def _device() -> str:
    from ..model.files import start_tensorflow

    # TensorFlow 2.20, as on Colab, reports the end of each data set like an error
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    start_tensorflow()
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU with {os.cpu_count()} cores, which is enough for every notebook"
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unnamed")
    return f"GPU ({name})"
