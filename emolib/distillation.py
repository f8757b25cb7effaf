"""The recipes of the released networks: each generation learns from those before it too.

All emotions of the data set are learned first. A first, light network learns from the labels, the
next one from nothing again and from a mixture of the labels and of what the first says of the very
pictures that it is shown, changed as they are (Beyer et al. 2022): it says how much of each emotion
is in a face, and doubts labels that are wrong. A light network has no need of a first one where
the released network, trained on the same pictures, can teach it (Hinton et al. 2015).
The last one is the network of all emotions; the one that tells the wanted classes apart starts
from it, and may end part of the way from there (Wortsman et al. 2022).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import training
from .data import Dataset
from .faces import MODELS
from .model import build_deep_cnn, build_light_cnn, load_model

if TYPE_CHECKING:
    import keras

    from .recipes import Plan

BATCH_SIZE = 128
MIXED = 0.4  # share of the taught batches in which pictures are mixed with one another
WORSEN = 0.15  # share of the pictures that are blurred, and that are compressed
OPTIONS = {"learning_rate": 0.02, "weight_decay": 0.005, "muon": True}
TEACHER = MODELS / "emotion_model_7.keras"
WANTED_EPOCHS, WANTED_RATE = 6, 0.175  # the last stage: passes, its rate as a share of that before


@dataclass(frozen=True)
class Lineage:
    """What the generations of a recipe have in common.

    Attributes:
        build: Builds the network; the first generation is light in any case.
        cover: Share of the pictures with a spot covered, 0-1.
        labels: How much of a target is the label, 0-1; the rest is what the teachers say.
        share: How far the weights go in the last stage, 0-1, from before it to after it. Half the
            way keeps the order of the wanted classes, all of it holds more other faces back.
        taught: Whether the released network of all emotions speaks for the first generation, if
            it was trained on these very pictures.
    """

    build: Callable[..., keras.Model]
    cover: float
    labels: float
    share: float
    taught: bool = False


# a light teacher knows less than the deep network will: it says half
DEEP = Lineage(build_deep_cnn, cover=0.5, labels=0.5, share=0.5)
LIGHT = Lineage(build_light_cnn, cover=0.4, labels=0.2, share=1.0, taught=True)


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
    learn = training.pictures_and_targets(dataset, "train", names)
    validation = training.pictures_and_targets(dataset, "validation", names)
    shape = learn[0].shape[1:3], learn[0].shape[3]
    options = {"batch_size": plan.batch_size, "worsen": WORSEN, "cover": lineage.cover, **OPTIONS}
    teacher = released_teacher(plan.data) if lineage.taught else None
    teachers, builds = [], [build_light_cnn, lineage.build]
    if teacher:
        say(f"The teacher is {TEACHER.name}")
        teachers, builds = [teacher], [lineage.build]
    say_how_long(say, builds, learn, plan, teacher)
    for generation, build in enumerate(builds, start=len(teachers)):
        seed = plan.seed + generation
        keras.utils.set_random_seed(seed)
        every = build(len(names), *shape)
        say(f"Generation {generation + 1} of 2: {every.count_params():,} parameters")
        history = training.train(
            every,
            learn,
            validation,
            plan.epochs,
            work / f"generation_{generation + 1}",
            seed=seed,
            label_smoothing=0.0 if teachers else 0.1,
            teach=taught_by(teachers, lineage.labels) if teachers else None,
            **options,
        )
        teachers.append(every)
    say(f"Last: {' and '.join(wanted)}")
    model = lineage.build(len(wanted), *shape, others=True)
    read_out(every, names, model, wanted)
    fold = folding(names, wanted)
    options["learning_rate"] *= WANTED_RATE
    before = model.get_weights()
    wanted_history = training.train(
        model,
        learn,
        (validation[0], validation[1] @ fold),
        WANTED_EPOCHS,
        work / "wanted",
        seed=plan.seed,
        label_smoothing=0.0,
        teach=taught_by(teachers, lineage.labels, fold),
        **options,
    )
    pairs = zip(before, model.get_weights(), strict=True)
    model.set_weights([b + lineage.share * (after - b) for b, after in pairs])
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
    builds: Sequence[Callable[..., keras.Model]],
    learn: training.Examples,
    plan: Plan,
    teacher: keras.Model | None,
) -> None:
    """Say how long a training will take here, by a few steps of networks that are thrown away.

    Args:
        say: Called with the line.
        builds: What builds the network of each generation.
        learn: Pictures and targets.
        plan: Epochs of a generation, and the batch size.
        teacher: Of the first generation, or None.
    """
    images, truth = learn
    batch = images[: plan.batch_size].astype("float32"), truth[: plan.batch_size]
    seconds, asks = 0.0, []
    if teacher:
        asks.append(_seconds(partial(teacher.predict_on_batch, batch[0])))
    for build in builds:
        model = build(truth.shape[1], images.shape[1:3], images.shape[3])
        training.compile_model(model, steps=10, **OPTIONS)
        step = _seconds(partial(model.train_on_batch, *batch))
        seconds += plan.epochs * (1.1 * step + sum(asks))  # changing the pictures: about a tenth
        asks.append(_seconds(partial(model.predict_on_batch, batch[0])))
    seconds += WANTED_EPOCHS * (1.1 * step + sum(asks))
    minutes = seconds * len(images) / len(batch[0]) / 60
    passes = len(builds) * plan.epochs + WANTED_EPOCHS
    long = f"{minutes / 60:.1f} hours" if minutes > 90 else f"{minutes:.0f} minutes"
    say(f"{passes} passes over {len(images):,} pictures: about {long} on this machine.")


def _seconds(call: Callable[[], object]) -> float:
    times = []
    for _ in range(8):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times[3:]))  # the first ones build the network


def taught_by(
    teachers: Sequence[keras.Model], labels: float, fold: np.ndarray | None = None
) -> training.Teach:
    """Make targets of the labels and of what teachers say of the very pictures to learn from.

    In some batches each picture is mixed with another one first (mixup, Zhang et al. 2018). The
    teachers see the pictures or their mirror images, so that both count in the long run.

    Args:
        teachers: Networks from pictures to probabilities (n, k); their mean counts.
        labels: How much of a target is the label, 0-1.
        fold: From `folding`, where fewer classes are to be learned than the teachers know.

    Returns:
        A function from a batch, float32 pictures (n, height, width, channels), 0-255, and one-hot
        labels (n, k), to the pictures and targets to learn from.
    """
    import tensorflow as tf

    def teach(images, truth):
        n = tf.shape(images)[0]
        mix = tf.cast(tf.random.uniform(()) < MIXED, tf.float32)
        other = mix * tf.random.uniform((n, 1), 0, 0.5)
        # the batch is shuffled: its order turned round pairs pictures by chance
        images += other[:, :, None, None] * (images[::-1] - images)
        truth += other * (truth[::-1] - truth)
        asked = tf.cond(tf.random.uniform(()) < 0.5, lambda: images, lambda: images[:, :, ::-1])
        said = tf.add_n([teacher(asked, training=False) for teacher in teachers])
        goals = labels * truth + (1 - labels) / len(teachers) * said
        return images, goals if fold is None else goals @ fold

    return teach


def folding(names: list[str], wanted: Sequence[str]) -> np.ndarray:
    """Return the matrix (k, wanted + 1) that turns targets of k classes into those of the wanted.

    Args:
        names: The k classes.
        wanted: Which of them are kept, in the order of the new columns.

    Returns:
        float32 of 0 and 1; the last column takes the sum of what is not kept.
    """
    columns = [wanted.index(name) if name in wanted else len(wanted) for name in names]
    return np.eye(len(wanted) + 1, dtype="float32")[columns]


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
