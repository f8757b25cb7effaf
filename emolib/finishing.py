"""A trained network becomes a model: calibrated, judged, written with all that belongs to it."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .calibration import choose_sure_threshold, fit_temperature
from .classifier import Classifier, keras_network
from .data import Dataset, examples
from .evaluation import Report, evaluate
from .model import ModelCard
from .splitting import write_split

if TYPE_CHECKING:
    import keras

    from .recipes import History, Plan

ENOUGH = 30  # validation pictures to calibrate with


def finished_card(model: keras.Model, dataset: Dataset, plan: Plan) -> ModelCard:
    """Calibrate on the validation set, choose when to be sure, judge once on the test set.

    Args:
        model: A trained network.
        dataset: The split data set.
        plan: What was trained.

    Returns:
        The card, with the figures of both sets.
    """
    size = model.input_shape[1:3], model.input_shape[3]
    card = ModelCard(plan.classes, *size)
    classifier = Classifier(card, keras_network(model))
    images, labels = examples(dataset, "validation", plan.classes, *size)
    # a handful of pictures cannot say how sure is too sure
    if len(labels) >= ENOUGH:
        card.temperature = fit_temperature(classifier.predict_arrays(images), labels)
    known = classifier.predict_arrays(images)
    sure = choose_sure_threshold(known.max(axis=1), [], known.argmax(axis=1) == labels)
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
