"""What every notebook of the course asks for first: is all installed, and where are the files.

    >>> import emolib
    >>> emolib.setup_check()
    >>> from emolib import course
    >>> course.folder("drawn")
    PosixPath('../data/drawn')

Found from wherever a notebook runs: `notebooks/`, the course's own folder, or Colab's `/content`
with the course cloned into it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__

if TYPE_CHECKING:
    import keras

    from .model import ModelCard
    from .scanning import Dataset

CLONE = "course"  # the folder that the set-up cell clones into
DRAWN = 1200  # faces in data/drawn


def home() -> Path:
    """Return the course's folder, the one with `data/`, `models/` and `notebooks/` in it.

    Looked for at the working directory, above it, in a clone below it, and around an emolib that
    was installed with `-e`. Where the course is nowhere, the working directory stands for it.

    Returns:
        A path, relative to the working directory if it can be.
    """
    above = [Path(*[".."] * steps) for steps in range(len(Path.cwd().parents) + 1)]
    source = Path(__file__).parents[1]
    return next(filter(_is_course, [*above, Path(CLONE), source]), Path())


def _is_course(place: Path) -> bool:
    try:
        return 'name = "emolib"' in (place / "pyproject.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def folder(dataset: str | os.PathLike) -> Path:
    """Return the folder of a data set, with one folder a class in it.

    Args:
        dataset: "drawn": the course's 1,200 drawn faces, drawn anew where they are missing.
            "fer2013": photographs, downloaded once. Anything else: the path of a folder or zip,
            seen from here or from the course's folder, such as "data/mine".

    Returns:
        The folder that holds the class folders, or `train/` and `test/`.

    Raises:
        DataError: No such folder or zip, or FER2013 cannot be downloaded.
    """
    from . import data

    if dataset == "drawn":
        place = home() / "data" / "drawn"
        if not _has_pictures(place):
            from .drawing import draw_faces

            print(f"The drawn faces are missing: {DRAWN:,} are drawn anew, in less than a minute.")
            draw_faces(place, n=DRAWN, seed=0)
        return place
    if dataset == "fer2013":
        place = home() / "data" / "fer2013"
        return place if place.is_dir() else data.download_fer2013(place)
    there = home() / dataset
    return data.open_folder(there if there.exists() else dataset)


def _has_pictures(place: Path) -> bool:
    return any(place.glob("*/*.png"))


def models() -> Path:
    """Return the folder for the reader's own models; made where missing.

    The course's `models/`. On a hub, and where the course belongs to somebody else, it is
    `emolib/models` in the reader's home folder, so that no learner overwrites another's network.
    The environment variable EMOLIB_MODELS names any other.

    Returns:
        A path, relative to the working directory if it is the course's.

    Raises:
        OSError: It cannot be made.
    """
    place = models_place()
    place.mkdir(parents=True, exist_ok=True)
    return place


def models_place() -> Path:
    """Return where `models` would be, and make nothing."""
    named = os.environ.get("EMOLIB_MODELS")
    if named:
        return Path(named).expanduser()
    if "JUPYTERHUB_USER" in os.environ or not _is_mine(home()):
        return Path.home() / "emolib" / "models"
    return home() / "models"


def _is_mine(place: Path) -> bool:
    """Say whether a folder is the reader's; to an administrator, each folder is."""
    if hasattr(os, "getuid") and os.getuid() not in (0, place.stat().st_uid):
        return False
    return os.access(place, os.W_OK)


def reader_model(dataset: Dataset, seed: int = 0) -> tuple[keras.Model, ModelCard]:
    """Return the network that the reader trained in notebook 03, or a quick stand-in.

    See `emolib.course_model.reader_model`, which does the work.
    """
    from . import course_model

    return course_model.reader_model(dataset, seed)


def setup_check(tensorflow: bool = True) -> None:
    """Print what is installed, where it runs and where the files are; change nothing.

    What is missing or too old is named with the command that mends it.

    Args:
        tensorflow: Load TensorFlow and say which device it uses. A notebook that only answers
            with a released model needs none.
    """
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
    place = home()
    print(f"Data in {shown(place / 'data')}, models in {shown(models_place())}")
    print("\n".join(problems) if problems else "All is there.")


def _version(package: str) -> str:
    return importlib.metadata.version(package)


def package_problems(in_notebook: bool = True) -> Iterator[str]:
    """Look for the packages that emolib asks for.

    Args:
        in_notebook: Name commands as a cell takes them, not a shell.

    Yields:
        A plain sentence for each package that is missing or does not fit.
    """
    pip, then = ("%pip", " and restart the kernel.") if in_notebook else ("pip", "")
    try:
        from packaging.requirements import Requirement

        wanted = [Requirement(line) for line in importlib.metadata.requires("emolib") or []]
    except (ImportError, importlib.metadata.PackageNotFoundError):
        yield f"emolib is not installed: run {pip} install -e {'..' if in_notebook else '.'}{then}"
        return
    for one in wanted:
        if one.marker and not one.marker.evaluate({"extra": "course"}):
            continue
        mend = f'run {pip} install "{one.name}{one.specifier}"{then}'
        try:
            version = _version(one.name)
        except importlib.metadata.PackageNotFoundError:
            yield f"{one.name} is missing: {mend}"
        else:
            if not one.specifier.contains(version, prereleases=True):
                yield f"{one.name} {version} does not fit: {mend}"


def _device() -> str:
    from .model import start_tensorflow

    # TensorFlow 2.20, Colab's, reports the end of each data set as if it were a fault
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    start_tensorflow()
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU with {os.cpu_count()} cores, which is enough for every notebook"
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unnamed")
    return f"GPU ({name})"


def shown(place: Path) -> str:
    """Write a place as seen from here, without a whole machine path."""
    if not place.is_absolute():
        return place.as_posix()
    if place.is_relative_to(Path.home()):
        return f"~/{place.relative_to(Path.home()).as_posix()}"
    return f"{place.parent.name}/{place.name}"
