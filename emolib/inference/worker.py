"""What runs on a cluster's workers: a model sent over the network classifies a chunk of photos.

A worker loads the model once. It reads the photos itself: from a folder that it shares with the
others, or from an address such as s3://bucket/photo.jpg, through fsspec.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..errors import EmolibError
from ..faces import MODEL, MODELS
from ..images import ImageError, no_memory, one_line, printable_name, why_no_file
from ..model.card import ModelCard, ModelError, file_digest
from .classifier import Classifier, load_classifier
from .photo import Photo

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+(::.*)?://", re.IGNORECASE)
MAX_BYTES = 100_000_000  # of a photo that is read over the network
MODELS_KEPT = 4  # loaded at the same time, where several people share a cluster

_loaded: dict[str, Classifier] = {}
_loading = threading.Lock()


class ClusterError(EmolibError):
    """A cluster cannot answer; the message says why and what to do."""


@dataclass(frozen=True)
class ModelParcel:
    """A model on its way to the workers.

    Attributes:
        suffix: The model file's suffix, such as ".onnx".
        content: The model file's bytes.
        card: The model's card.
        digest: SHA-256 of content and card.
        version: The version of emolib that a worker must have.
        face_finder: SHA-256 of the face finder that a worker must have.
    """

    suffix: str
    content: bytes
    card: ModelCard
    digest: str
    version: str
    face_finder: str


def pack(classifier: Classifier) -> ModelParcel:
    """Pack a classifier's model for the workers.

    Args:
        classifier: From `load_classifier`.

    Raises:
        ModelError: The network was built in memory, or its file is gone.
    """
    if classifier.path is None:
        raise ModelError("This classifier has no file to send: save its model first.")
    try:
        content = classifier.path.read_bytes()
    except OSError as error:
        raise ModelError(f"{classifier.path} cannot be read: {error.strerror}.") from None
    digest = hashlib.sha256(content + repr(classifier.card).encode("utf-8", "replace"))
    suffix = classifier.path.suffix
    finder = file_digest(MODELS / MODEL)
    return ModelParcel(suffix, content, classifier.card, digest.hexdigest(), __version__, finder)


def load_once(parcel: ModelParcel) -> Classifier:
    """Return a parcel's classifier, loaded when a worker is first asked for it.

    Args:
        parcel: The model.

    Raises:
        ClusterError: This worker has a different emolib or face finder, or cannot load the model.
    """
    with _loading:
        if parcel.digest not in _loaded:
            classifier = _load(parcel)
            while len(_loaded) >= MODELS_KEPT:
                del _loaded[next(iter(_loaded))]
            _loaded[parcel.digest] = classifier
        return _loaded[parcel.digest]


def can_load(parcel: ModelParcel) -> bool:
    """Load a parcel's model; return True, or raise what `load_once` raises."""
    load_once(parcel)
    return True


def answer_chunk(parcel: ModelParcel, places: Sequence[str], face: bool) -> list[Photo]:
    """Classify the faces in a chunk of photos, in one thread.

    Args:
        parcel: The model.
        places: Paths on this machine, and addresses.
        face: The pictures are already cropped faces.

    Returns:
        One `Photo` per place, without the name of its file.
    """
    classifier = load_once(parcel)
    refused: dict[int, str] = {}

    def sources() -> Iterator[str | io.BytesIO]:
        for i, place in enumerate(places):
            try:
                yield _reachable(place)
            except ImageError as error:
                refused[i] = str(error)

    # a worker runs a chunk per thread: more threads for each would get in each other's way
    answers = iter(list(classifier.predict_many(sources(), face=face, threads=1)))
    return [
        Photo("", 0, 0, error=refused[i]) if i in refused else replace(next(answers), file="")
        for i in range(len(places))
    ]


def _load(parcel: ModelParcel) -> Classifier:
    host = socket.gethostname()
    if parcel.version != __version__:
        raise other_version(f"The worker on {host}", __version__, parcel.version)
    if parcel.face_finder != file_digest(MODELS / MODEL):
        raise ClusterError(
            f"The worker on {host} has a different face finder, {MODEL}: install the same emolib "
            "there."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"model{parcel.suffix}")
        path.write_bytes(parcel.content)
        replace(parcel.card, files={}).write(path)
        try:
            return load_classifier(path)
        except (ModelError, ImportError) as error:
            raise ClusterError(f"The worker on {host} cannot load the model: {error}") from None


def other_version(who: str, theirs: str, ours: str) -> ClusterError:
    """Return the error for a machine that has a different emolib.

    Args:
        who: The machine, as the beginning of the sentence.
        theirs: Its version of emolib.
        ours: The version that sends the work.
    """
    return ClusterError(
        f"{who} has emolib {theirs}, and the work comes from emolib {ours}: install the same "
        "version on all machines."
    )


def _reachable(place: str) -> str | io.BytesIO:
    """Return what to open: a path of this machine, or the content at an address."""
    if ADDRESS.match(place):
        return _fetch(place)
    if not os.path.lexists(place) and not why_no_file(place):
        raise ImageError(
            f"{printable_name(place)} does not exist on {socket.gethostname()}: check the path, "
            "and that all workers share its folder."
        )
    return place


def _fetch(address: str) -> io.BytesIO:
    """Read the photo at an address, with a name for its messages."""
    import fsspec

    name = printable_name(address.partition("?")[0])
    try:
        with fsspec.open(address, "rb") as file:
            content = _read(file, name)
    except (ImageError, MemoryError) as error:
        raise error if isinstance(error, ImageError) else no_memory(name) from None
    except (FileNotFoundError, IsADirectoryError):
        raise ImageError(f"{name} was not found at its address: give that of a photo.") from None
    except ImportError as error:
        why = one_line(str(error)).rstrip(".")
        raise ImageError(
            f"{name} cannot be fetched because {socket.gethostname()} lacks a package ({why}): "
            "install it there."
        ) from None
    except Exception as error:  # each kind of storage has its own errors
        why = one_line(str(error) or type(error).__name__)[:200].rstrip(".")
        raise ImageError(f"{name} cannot be fetched ({why}): check its address.") from None
    content.name = name
    return content


def _read(file: io.BufferedIOBase, name: str) -> io.BytesIO:
    """Read a file to its end, unless it is too large; the server may not say how large it is."""
    content = io.BytesIO()
    while block := file.read(2**20):
        content.write(block)
        if content.tell() > MAX_BYTES:
            raise ImageError(f"{name} is larger than {MAX_BYTES // 10**6} MB: make it smaller.")
    content.seek(0)
    return content
