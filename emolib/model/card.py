"""What a program must know to use a network: its card, a JSON file beside the model."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EmolibError
from ..evaluation.calibration import apply_temperature

HDF5_FORMATS = (".h5", ".hdf5")
KERAS_FORMATS = (".keras", *HDF5_FORMATS)
FORMATS = (*KERAS_FORMATS, ".tflite", ".onnx")
ANY_SIZE = (0, 0)  # the image size of a card made from class names, until its network is loaded
OLD_FIELDS = {"mirrored": "flip_tta"}  # names in cards of earlier versions -> today's


class ModelError(EmolibError):
    """A model file cannot be used; the message says why and what to do."""

    def __init__(self, sentence: str) -> None:
        """Take the sentence; bytes of a file name that are not text become question marks."""
        super().__init__(sentence.encode("utf-8", "replace").decode())


@dataclass
class ModelCard:
    """What a program must know to use a network.

    Attributes:
        class_names: In the order of the outputs; emolib's own models sort them (two classes: the
            one sigmoid output is the probability of `class_names[1]`).
        image_size: (height, width) of the input in pixels.
        channels: 1 for gray, 3 for RGB.
        flip_tta: Whether to average over the picture and its mirror image (test-time augmentation).
        probability: What a probability means, in one sentence; "" if unknown.
        temperature: Divides the logits, so that probabilities mean what they say.
        sure_threshold: Calibrated probability, 0-1, from which an answer counts as sure.
        files: {file name: SHA-256} of the model files that the card belongs to.
        data: Data and split used, with counts and hash.
        training: Recipe, seed, epochs and versions.
        figures: Measured results.
    """

    class_names: list[str]
    image_size: tuple[int, int] = (48, 48)
    channels: int = 1
    flip_tta: bool = False
    probability: str = ""
    temperature: float = 1.0
    sure_threshold: float = 0.5
    files: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def write(self, model_path: str | os.PathLike) -> Path:
        """Write the card beside a model file, with the file's hash, and return the card's path."""
        model_path = Path(model_path)
        self.files[model_path.name] = file_digest(model_path)
        path = model_path.with_suffix(".json")
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
        # what is not text in a file name is written as a JSON escape
        path.write_text(text, "utf-8", errors="backslashreplace")
        return path

    def check_input(self, network: Path, shape: Any) -> None:
        """Check the input of a network; a card made from class names alone takes it over.

        Args:
            network: Its path, for the error.
            shape: (n, height, width, channels) of its input; None for what may have any size.

        Raises:
            ModelError: The card says something different, or neither of them says it.
        """
        if not isinstance(shape, tuple) or len(shape) != 4 or shape[3] not in (1, 3):
            raise not_for_pictures(network)
        _, height, width, channels = shape
        if self.image_size == ANY_SIZE:
            if not height or not width:
                raise ModelError(
                    f"{network} takes pictures of any size, so it needs a card that says which: "
                    f"write one with emolib.model.ModelCard({self.class_names}, (48, 48), "
                    f"{channels}).write({os.fspath(network)!r})."
                )
            self.image_size = (height, width)
            self.channels = channels
        wanted = (*self.image_size, self.channels)
        takes = (height or wanted[0], width or wanted[1], channels)
        if takes != wanted:
            raise ModelError(f"{network} takes pictures of {takes}, but its card says {wanted}.")

    def check_outputs(self, network: str | Path, outputs: int) -> None:
        """Check how many outputs a network has (`ModelError`: the card needs more or fewer)."""
        n = len(self.class_names)
        if outputs != n and (outputs, n) != (1, 2):
            has = f"{outputs} output{'s' if outputs > 1 else ''}"
            raise ModelError(
                f"{network} has {has}, but its card needs {n}: one per class"
                f" ({', '.join(self.class_names)})."
            )

    def probabilities(
        self, outputs: np.ndarray, of_mirror_images: np.ndarray | None = None
    ) -> np.ndarray:
        """Turn a network's outputs into calibrated probabilities of the classes.

        Args:
            outputs: float (n, 1) or (n, k): one number for two classes, else rows that sum to 1.
            of_mirror_images: The outputs for the mirror images, where the card says `flip_tta`.

        Returns:
            float64 (n, k), rows summing to 1.
        """
        views = [outputs] if of_mirror_images is None else [outputs, of_mirror_images]
        views = [np.hstack([1 - p, p]) if p.shape[1] == 1 else p for p in views]
        # the root of a product of probabilities is the mean of their logits
        mean = views[0] if len(views) == 1 else np.sqrt(views[0] * views[1])
        return apply_temperature(mean, self.temperature)


def not_for_pictures(path: Path) -> ModelError:
    """Return the error for a network of a different kind."""
    return ModelError(
        f"{path} does not take pictures and give class probabilities: give a network with one "
        "input, (n, height, width, 1 or 3), and one output, (n, classes)."
    )


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(path: str | os.PathLike, class_names: list[str] | None = None) -> ModelCard:
    """Read the card of a model file and check that the two belong together.

    Args:
        path: A `.keras`, `.h5`, `.hdf5`, `.onnx` or `.tflite` file.
        class_names: For a file without a card: its classes, in the order of its outputs.

    Returns:
        The card; one made from class names has the image size (0, 0) until the network is loaded.

    Raises:
        ModelError: No such model, no card, the card of a different file, or different class names.
    """
    path = Path(path)
    digest = _digest_of_model(path)
    card_path = path.with_suffix(".json")
    if not card_path.is_file():
        if class_names:
            return _card_of(class_names)
        raise ModelError(
            f"{card_path.name} is missing beside {path}: copy it there, because it holds the class "
            "names, or give the names in the order of the outputs (class_names=[...] in Python, "
            "--classes on the command line)."
        )
    card = _parse(card_path)
    # under any name: a browser renames both files when it downloads them a second time
    if digest not in card.files.values():
        raise ModelError(
            f"{card_path.name} does not belong to {path.name}: one of the two was changed or comes "
            "from a different model; copy both again from the same place."
        )
    if class_names and list(class_names) != card.class_names:
        raise ModelError(
            f"{card_path.name} says that the classes of {path.name} are "
            f"{', '.join(card.class_names)}: leave the class names out, or correct them."
        )
    return card


def _digest_of_model(path: Path) -> str:
    """Check that a path leads to a model file; return the file's digest."""
    if path.suffix.lower() not in FORMATS:
        raise ModelError(
            f"{path} is not a model file: give a .keras, .h5, .hdf5, .onnx or .tflite file."
        )
    if not path.is_file():
        raise ModelError(f"{path} does not exist: give the path of a trained model file.")
    try:
        return file_digest(path)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from error


def _card_of(class_names: list[str]) -> ModelCard:
    """Return the card of a file that has none."""
    if len(set(class_names)) < max(2, len(class_names)):
        raise ModelError(
            f"{', '.join(class_names)} cannot be all the classes of a model: give at least two "
            "different names, in the order of its outputs."
        )
    return ModelCard(list(class_names), image_size=ANY_SIZE)


def _parse(path: Path) -> ModelCard:
    try:
        fields = json.loads(path.read_text("utf-8"))
        no_class = fields.pop("others", False)
        card = ModelCard(**{OLD_FIELDS.get(name, name): value for name, value in fields.items()})
        height, width = card.image_size
        card.image_size = (height, width)
        complete = (
            isinstance(card.class_names, list)
            and len(card.class_names) >= 2
            and min(height, width) > 0
            and card.channels in (1, 3)
            and card.temperature > 0
            and isinstance(card.files, dict)
        )
    except (ValueError, TypeError, AttributeError, OSError):
        complete = False
    if not complete:
        raise ModelError(f"{path} is not a model card: copy it again from where the model is.")
    if no_class:
        raise ModelError(
            f"{path} belongs to a model of emolib 0.1, whose last output is not a class: use a "
            "newer model, or use this one with emolib 0.1."
        )
    return card
