"""A trained network becomes a model: calibrated, judged, written with all that belongs to it."""

from __future__ import annotations

import csv
import importlib.metadata
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import __version__
from .calibration import apply_temperature, choose_sure_threshold, fit_temperature
from .data import Dataset, examples
from .evaluation import evaluate
from .model import ModelCard

if TYPE_CHECKING:
    import keras

    from .recipes import History, Plan

ENOUGH = 30  # validation pictures to calibrate with


def finished_card(model: keras.Model, dataset: Dataset, plan: Plan) -> ModelCard:
    """Calibrate on the validation set, choose when to be sure, judge once on the test set.

    Args:
        model: A trained network.
        dataset: The split data set; its classes that the plan does not name are the faces to be
            unsure about.
        plan: What was trained.

    Returns:
        The card, with the figures of both sets.
    """
    size = model.input_shape[1:3], model.input_shape[3]

    def answers(images: np.ndarray) -> np.ndarray:
        output = model.predict(images.astype("float32"), batch_size=256, verbose=0)
        return np.hstack([1 - output, output]) if output.shape[1] == 1 else output

    images, labels = examples(dataset, "validation", plan.classes, *size)
    raw = answers(images)
    # a handful of pictures cannot say how sure is too sure
    temperature = fit_temperature(raw, labels) if len(labels) >= ENOUGH else 1.0
    known = apply_temperature(raw, temperature)
    others = [name for name in dataset.class_names if name not in plan.classes]
    other = np.zeros((0, 2))
    if others:
        images, _ = examples(dataset, "validation", others, *size)
        other = apply_temperature(answers(images), temperature)
    sure = choose_sure_threshold(
        known.max(axis=1), other.max(axis=1, initial=0), known.argmax(axis=1) == labels
    )
    images, test_labels = examples(dataset, "test", plan.classes, *size)
    test = evaluate(apply_temperature(answers(images), temperature), test_labels, plan.classes)
    figures = {"validation": evaluate(known, labels, plan.classes), "test": test}
    return ModelCard(
        class_names=plan.classes,
        image_size=size[0],
        channels=size[1],
        temperature=temperature,
        sure_threshold=sure.threshold,
        data={"sha256": plan.data, "counts": dataset.counts()},
        training={**asdict(plan), "versions": _versions()},
        figures={
            **{name: _short(report) for name, report in figures.items()},
            "sure_on_validation": asdict(sure),
        },
    )


def _short(report: Any) -> dict[str, Any]:
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
    from .journal import replace_file
    from .plots import learning_curves

    with open(out.with_name(f"{out.stem}_split.csv"), "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "class", "split", "digest"])
        for row in dataset.rows:
            name = row.path.relative_to(dataset.folder).as_posix()
            table.writerow([name, row.class_name, row.split, row.digest])
    with open(out.with_name(f"{out.stem}_history.csv"), "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(history)
        table.writerows(zip(*history.values(), strict=True))
    learning_curves(history).savefig(out.with_name(f"{out.stem}_curves.png"), dpi=120)
    # the optimizer has done its work and is twice as large as the network
    replace_file(out, lambda path: model.save(path, include_optimizer=False))
    card.write(out)
