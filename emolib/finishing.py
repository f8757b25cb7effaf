"""A trained network becomes a model: calibrated, judged, written with all that belongs to it."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import __version__
from .calibration import choose_sure_threshold, fit_bias, fit_temperature
from .classifier import Classifier, keras_network
from .data import Dataset, examples
from .evaluation import Report, evaluate
from .model import ModelCard
from .splitting import write_split

if TYPE_CHECKING:
    import keras

    from .recipes import History, Plan

ENOUGH = 30  # validation pictures to calibrate with
# How common faces of none of the classes are taken to be. In FER2013 they are more than half; so
# common, even a sad face would mostly be "rather none".
OTHERS = 0.1


def finished_card(
    model: keras.Model, dataset: Dataset, plan: Plan, mirrored: bool = False
) -> ModelCard:
    """Calibrate on the validation set, choose when to be sure, judge once on the test set.

    Args:
        model: A trained network; the last layer's bias of one with an output for others is set, so
            that none of its outputs is said too often where others are `OTHERS` of all faces.
        dataset: The split data set; its classes that the plan does not name are the faces to be
            unsure about, and what a network with an output for others calls so.
        plan: What was trained.
        mirrored: Whether the model is to be asked about the mirror image too.

    Returns:
        The card, with the figures of both sets.
    """
    size = model.input_shape[1:3], model.input_shape[3]
    network, classes = keras_network(model), len(plan.classes)
    others = model.output_shape[1] == classes + 1
    card = ModelCard(plan.classes, *size, others=others, mirrored=mirrored)
    classifier = Classifier(card, network)
    images, labels = examples(dataset, "validation", plan.classes, *size)
    unnamed = [name for name in dataset.class_names if name not in plan.classes]
    other_images, _ = examples(dataset, "validation", unnamed, *size)
    # a handful of pictures cannot say how sure is too sure
    if len(labels) >= ENOUGH:
        names, asked, truth, weights = plan.classes, images, labels, None
        if card.others:
            names, asked = [*names, "others"], np.concatenate([images, other_images])
            truth = np.concatenate([labels, np.full(len(other_images), classes)])
            weights = [1] * classes + [OTHERS / (1 - OTHERS) * len(images) / len(other_images)]
        raw = Classifier(ModelCard(names, *size, mirrored=mirrored), network)
        if card.others:
            kernel, bias = model.layers[-1].get_weights()
            bias += fit_bias(raw.predict_arrays(asked), truth, weights)
            model.layers[-1].set_weights([kernel, bias])
        card.temperature = fit_temperature(raw.predict_arrays(asked), truth, weights)
    known, other = map(classifier.predict_arrays, (images, other_images))
    sure = choose_sure_threshold(
        known.max(axis=1), other.max(axis=1), known.argmax(axis=1) == labels
    )
    card.sure_threshold = sure.threshold
    images, test_labels = examples(dataset, "test", plan.classes, *size)
    test = classifier.predict_arrays(images)
    card.data = {"sha256": plan.data, "counts": dataset.counts()}
    card.training = {**asdict(plan), "versions": _versions()}
    card.figures = {
        "validation": _short(evaluate(known, labels, plan.classes)),
        "test": _short(evaluate(test, test_labels, plan.classes)),
        "sure_on_validation": asdict(sure),
    }
    return card


def _short(report: Report) -> dict[str, Any]:
    figures = report.to_dict()
    del figures["mistakes"], figures["class_names"]
    return figures


def _versions() -> dict[str, str]:
    names = ("tensorflow", "keras", "numpy", "pillow")
    return {"emolib": __version__} | {name: importlib.metadata.version(name) for name in names}


def write_model(
    model: keras.Model, card: ModelCard, dataset: Dataset, history: History, out: Path
) -> None:
    """Put everything that belongs to the model beside it; may be repeated after a kill."""
    import keras

    from .journal import replace_file, write_history
    from .plots import learning_curves

    write_split(dataset, out.with_name(f"{out.stem}_split.csv"))
    write_history(history, out.with_name(f"{out.stem}_history.csv"))
    learning_curves(history).savefig(out.with_name(f"{out.stem}_curves.png"), dpi=120)
    # a copy knows nothing of optimizer and metric, which would ask for emolib wherever it is opened
    bare = keras.Sequential.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    replace_file(out, bare.save)
    card.write(out)
