"""The reader's own network, which notebook 03 trains and saves, and later notebooks load.

Without a saved one, they train the same network with the same settings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..model.build import build_cnn
from ..model.card import ModelCard, ModelError, read_card
from ..model.files import load_model, start_tensorflow
from . import paths

if TYPE_CHECKING:
    import keras

    from ..data.dataset import Dataset

FILE = "my_model.keras"
PARTS = ("", "_split", "_history", "_curves")  # how the files that belong to a network end
# the same as in the parameters of notebook 03; a test compares them
EPOCHS = 12
BATCH_SIZE = 16
LEARNING_RATE = 1e-3
PICTURES = 833  # in the rendered faces' training set: with more pictures, there are fewer epochs


def reader_model(dataset: Dataset, seed: int = 0) -> tuple[keras.Model, ModelCard]:
    """Return the network that the reader trained in notebook 03, or train the same one quickly.

    The saved network is used only if it learned from this very split of these pictures; otherwise
    it may have seen some of the test pictures. Prints one sentence that says which of the two
    happened, then each epoch that it trains, and writes no file.

    Args:
        dataset: A data set that has been split; the network tells its classes apart.
        seed: The seed of the weights and the shuffling, if the network must be trained.

    Returns:
        The trained Keras model, not compiled if it was loaded, and its card, whose temperature is
        fitted on the validation set.

    Raises:
        DataError: A picture of the data set can no longer be read.
    """
    path = paths.models_dir() / FILE
    start_tensorflow()
    if _fits(path, dataset):
        print(f"Your network from notebook 03 is loaded: {path.parent.name}/{path.name}")
        model, card = load_model(path)
    else:
        print("There is no network from notebook 03 for these pictures: training the same one now.")
        model = _train(dataset, seed)
        card = ModelCard(dataset.class_names)
        card.data = {"sha256": dataset.digest(), "counts": dataset.counts()}
    card.temperature = _temperature(model, dataset)
    return model, card


def keep_previous(path: str | os.PathLike) -> None:
    """Rename a network that is about to be replaced, with everything that belongs to it.

    `my_model.keras` and its card become `my_model_1.keras` and `my_model_1.json`, or the first
    number that is free. Does nothing if there is no such file.

    Args:
        path: The file that will be written next.
    """
    path = Path(path)
    if not path.exists():
        return
    files = list(path.parent.iterdir())
    taken = {file.stem for file in files}
    number = 1
    while any(f"{path.stem}_{number}{end}" in taken for end in PARTS):
        number += 1
    for file in files:
        if file.stem in [path.stem + end for end in PARTS]:
            end = file.name.removeprefix(path.stem)
            file.rename(path.with_name(f"{path.stem}_{number}{end}"))


def _fits(path: Path, dataset: Dataset) -> bool:
    try:
        card = read_card(path)
    except ModelError:
        return False
    same_shape = card.class_names == dataset.class_names and card.image_size == (48, 48)
    return same_shape and card.channels == 1 and card.data.get("sha256") == dataset.digest()


def _train(dataset: Dataset, seed: int) -> keras.Model:
    import keras

    from ..data.dataset import batches, examples
    from ..training.fit import targets
    from ..training.recipe import batch_norm_momentum

    names = dataset.class_names
    x_train, y_train = examples(dataset, "train", names)
    x_val, y_val = examples(dataset, "validation", names)
    keras.utils.set_random_seed(seed)
    flip = keras.layers.RandomFlip("horizontal", seed=seed)
    y_train = targets(y_train, len(names))
    train_ds = batches(x_train, y_train, BATCH_SIZE, shuffle=True, augment=flip, seed=seed)
    val_ds = batches(x_val, targets(y_val, len(names)), 256)
    epochs = int(np.clip(round(EPOCHS * PICTURES / len(x_train)), 2, EPOCHS))
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * len(train_ds))
    model = build_cnn(len(names), batch_norm_momentum=batch_norm_momentum(len(train_ds)))
    model.compile(
        keras.optimizers.Adam(rate),
        loss="binary_crossentropy" if len(names) == 2 else "categorical_crossentropy",
        metrics=["accuracy"],
    )
    say = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: print(f"Epoch {epoch + 1} of {epochs}", flush=True)
    )
    model.fit(
        train_ds,
        validation_data=val_ds,
        epochs=epochs,
        callbacks=[say],
        verbose=0,
        shuffle=False,
    )
    return model


def _temperature(model: keras.Model, dataset: Dataset) -> float:
    """Return the temperature fitted on the validation set, or 1 if it has too few pictures."""
    from ..data.dataset import examples
    from ..evaluation.calibration import fit_temperature
    from ..inference.backends import keras_network
    from ..inference.classifier import Classifier
    from ..training.recipe import ENOUGH

    images, labels = examples(dataset, "validation", dataset.class_names)
    if len(labels) < ENOUGH:
        return 1.0
    raw = Classifier(ModelCard(dataset.class_names), keras_network(model))
    return fit_temperature(raw.predict_arrays(images), labels)
