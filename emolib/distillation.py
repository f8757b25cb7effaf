"""The recipes of the released networks: each generation learns from those before it too.

All emotions of the data set are learned first, by the same network several times from nothing.
The first learns from the labels. Each later one learns from a mixture of the labels and of what
its predecessors say on average ("born again", Furlanello et al. 2018): they say how much of each
emotion is in a face, and doubt labels that are wrong. A light network has no need of a first one
where the released network, trained on the same pictures, can teach it (Hinton et al. 2015). The
last one is the network of all emotions; the one that tells the wanted classes apart starts from it,
and ends half way from its beginning (Wortsman et al. 2022).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import training
from .data import Dataset
from .faces import MODELS
from .model import ModelCard, build_deep_cnn, build_light_cnn, load_model

if TYPE_CHECKING:
    import keras

    from .recipes import Plan

BATCH_SIZE = 128
GENERATIONS = 2
LABELS = 0.4  # how much of a target is the label; the rest is what the predecessors say
WORSEN = 0.15  # share of the pictures that are blurred, and that are compressed
OPTIONS = {"learning_rate": 0.02, "weight_decay": 0.005, "muon": True}
TEACHER = MODELS / "emotion_model_7.keras"
# the last stage: passes, its rate as a share of that before, and how far the weights go from before
# it to after it: half the way keeps the order of the wanted classes, and most of what it brings
WANTED_EPOCHS, WANTED_RATE, WANTED_SHARE = 6, 0.175, 0.5


@dataclass(frozen=True)
class Lineage:
    """What the generations of a recipe have in common.

    Attributes:
        build: Builds the network.
        cover: Share of the pictures with a spot covered, 0-1.
        taught: Whether the released network of all emotions speaks for the first generation, if
            it was trained on these very pictures.
    """

    build: Callable[..., keras.Model]
    cover: float
    taught: bool = False


DEEP = Lineage(build_deep_cnn, cover=0.5)
LIGHT = Lineage(build_light_cnn, cover=0.3, taught=True)


def train_lineage(
    lineage: Lineage, dataset: Dataset, plan: Plan, work: Path, say: Callable[[str], object]
) -> list[tuple[keras.Model, list[str], training.History]]:
    """Train the network of the wanted classes, and on the way the one of all classes.

    Args:
        lineage: `DEEP` or `LIGHT`.
        dataset: A split data set with more classes than the wanted ones.
        plan: Wanted classes, epochs of a generation, batch size and seed.
        work: Where the state is kept.
        say: Called with each line of progress.

    Returns:
        (network, its class names, its history): of the wanted classes first, then of all.
    """
    import keras

    names, wanted = dataset.class_names, plan.classes
    images, truth = training.pictures_and_targets(dataset, "train", names)
    validation = training.pictures_and_targets(dataset, "validation", names)
    options = {"batch_size": plan.batch_size, "worsen": WORSEN, "cover": lineage.cover, **OPTIONS}
    teacher = released_teacher(plan.data) if lineage.taught else None
    first = 1 if teacher else 0
    passes = (GENERATIONS - first) * plan.epochs + WANTED_EPOCHS
    say_how_long(say, lineage, (images, truth), plan.batch_size, passes)
    said = np.zeros_like(truth)
    if teacher:
        say(f"Asking {TEACHER.name}, the teacher")
        said += both_ways(teacher, names, images)
    for generation in range(first, GENERATIONS):
        say(f"Generation {generation + 1} of {GENERATIONS}")
        seed = plan.seed + generation
        keras.utils.set_random_seed(seed)
        every = lineage.build(len(names), images.shape[1:3], images.shape[3])
        goals = mixed(truth, said / generation) if generation else truth
        history = training.train(
            every,
            (images, goals),
            validation,
            plan.epochs,
            work / f"generation_{generation + 1}",
            seed=seed,
            label_smoothing=0.0 if generation else 0.1,
            **options,
        )
        said += both_ways(every, names, images)
    say(f"Last: {' and '.join(wanted)}")
    model = lineage.build(len(wanted), images.shape[1:3], images.shape[3], others=True)
    read_out(every, names, model, wanted)
    goals = folded(mixed(truth, said / GENERATIONS), names, wanted)
    options["learning_rate"] *= WANTED_RATE
    before = model.get_weights()
    wanted_history = training.train(
        model,
        (images, goals),
        (validation[0], folded(validation[1], names, wanted)),
        WANTED_EPOCHS,
        work / "wanted",
        seed=plan.seed,
        label_smoothing=0.0,
        **options,
    )
    pairs = zip(before, model.get_weights(), strict=True)
    model.set_weights([b + WANTED_SHARE * (after - b) for b, after in pairs])
    return [(model, wanted, wanted_history), (every, names, history)]


def released_teacher(digest: str) -> keras.Model | None:
    """Load the released network of all emotions, if it is here and was trained on this data set.

    Of another data set, or of another split, it might have learned the test pictures.
    """
    if not TEACHER.is_file():
        return None
    model, card = load_model(TEACHER)
    return model if card.data["sha256"] == digest else None


def say_how_long(
    say: Callable[[str], object],
    lineage: Lineage,
    learn: training.Examples,
    batch_size: int,
    passes: int,
) -> None:
    """Say how long a training will take here, by a few steps of a network that is thrown away.

    Args:
        say: Called with the line.
        lineage: What builds the network.
        learn: Pictures and targets.
        batch_size: Pictures in a batch.
        passes: How often the network will see all the pictures.
    """
    images, truth = learn
    model = lineage.build(truth.shape[1], images.shape[1:3], images.shape[3])
    training.compile_model(model, steps=10, **OPTIONS)
    batch = images[:batch_size].astype("float32"), truth[:batch_size]
    times = []
    for _ in range(8):
        start = time.perf_counter()
        model.train_on_batch(*batch)
        times.append(time.perf_counter() - start)
    # the first ones build the network; changing the pictures takes about a tenth more
    minutes = passes * 1.1 * float(np.median(times[3:])) * len(images) / len(batch[0]) / 60
    long = f"{minutes / 60:.1f} hours" if minutes > 90 else f"{minutes:.0f} minutes"
    say(f"{passes} passes over {len(images):,} pictures: about {long} on this machine.")


def mixed(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Mix one-hot labels and what networks say, both (n, k)."""
    return (LABELS * truth + (1 - LABELS) * said).astype("float32")


def both_ways(model: keras.Model, names: list[str], images: np.ndarray) -> np.ndarray:
    """What a network says of pictures and of their mirror images together, (n, k).

    Args:
        model: With an output for each of the k classes.
        names: The classes.
        images: uint8 (n, height, width, channels), 0-255.
    """
    from .classifier import Classifier, keras_network

    card = ModelCard(names, images.shape[1:3], images.shape[3], mirrored=True)
    return Classifier(card, keras_network(model)).predict_arrays(images, 512)


def folded(goals: np.ndarray, names: list[str], wanted: Sequence[str]) -> np.ndarray:
    """Targets of some classes and of none of them, from those of all.

    Args:
        goals: float (n, k), rows that sum to 1.
        names: The k classes.
        wanted: Which of them are kept, in the order of the new columns.

    Returns:
        float32 (n, wanted + 1); the last column is the sum of what is not kept.
    """
    kept = goals[:, [names.index(name) for name in wanted]]
    return np.hstack([kept, 1 - kept.sum(axis=1, keepdims=True)]).astype("float32")


def read_out(every: keras.Model, names: list[str], model: keras.Model, wanted: list[str]) -> None:
    """Start a network with an output for others from one that knows all the classes.

    The features are the same, and so is how the wanted classes stand to each other. The score of
    the others is the mean of theirs, raised as if they all had it.
    """
    kernel, bias = every.layers[-1].get_weights()
    columns = [names.index(name) for name in wanted]
    others = [k for k in range(len(names)) if k not in columns]
    mean = kernel[:, others].mean(axis=1, keepdims=True), bias[others].mean() + np.log(len(others))
    kernel = np.hstack([kernel[:, columns], mean[0]])
    model.set_weights([*every.get_weights()[:-2], kernel, np.append(bias[columns], mean[1])])
