"""Make the released models from FER2013 and the votes of ten people for each of its pictures.

    python models/train_released.py data/fer2013 --out new_models
    KERAS_BACKEND=torch python models/train_released.py data/fer2013 --out new_models

Each picture has a label (one of seven emotions) and votes (which of nine words ten people chose).
On a GPU, two large networks learn both and teach a smaller one (Hinton et al. 2015). Its answers to
the votes become `emotion_model_7`; a little more training for three answers makes `emotion_model`.
Without a GPU, the large ones are left out: they would take days. Any backend of Keras 3 will do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import cv2
import keras
import numpy as np
from keras import layers, ops
from scipy.special import softmax

from emolib import __version__
from emolib.data import Dataset, ferplus_votes, load_images, open_folder, scan, split
from emolib.evaluation import (
    agreement_with_others,
    evaluate,
    fit_bias,
    fit_temperature,
    people_shares,
)
from emolib.model import ModelCard, build_deep_cnn

# FER+'s words as FER2013 spells them. Contempt and unknown are learned, but never an answer:
# FER2013 has no such label, and they get few votes
VOTES = "neutral happy surprise sad angry disgust fear contempt unknown".split()
EMOTIONS = "angry disgust fear happy neutral sad surprise".split()
SEVEN = [VOTES.index(name) for name in EMOTIONS]
HAPPY, SAD = VOTES.index("happy"), VOTES.index("sad")
ANSWERS = ["happy", "neither", "sad"]
MEANING = "A probability estimates what share of people would describe the face this way."
BATCH, TEACHERS = 256, (64, 80)  # pictures per step; filters in the first level
Answerer = Callable[[np.ndarray], np.ndarray]
cross_entropy = keras.losses.CategoricalCrossentropy(from_logits=True)


class Batches(keras.utils.PyDataset):
    """Augmented pictures and what to learn from them, different in each epoch."""

    def __init__(self, images: np.ndarray, truth: np.ndarray) -> None:
        """Take uint8 pictures (n, 48, 48, 1) and the truth (n, 16): shares of votes, label."""
        super().__init__(workers=1)
        self.images = images
        self.truth = truth
        self.teacher: Answerer | None = None
        self.as_target: Answerer = lambda truth: truth
        self.epoch = 0

    def __len__(self) -> int:
        """Return the number of whole batches."""
        return max(1, len(self.images) // BATCH)

    def on_epoch_end(self) -> None:
        """Count the epochs, because each has its own order and changes."""
        self.epoch += 1

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Return float32 pictures, 0-255, and targets."""
        order = np.random.default_rng(self.epoch).permutation(len(self.images))
        chosen = order[i * BATCH : (i + 1) * BATCH]
        rng = np.random.default_rng([self.epoch, i])
        images = np.stack([change(self.images[j, ..., 0], rng) for j in chosen])[..., None]
        truth = self.truth[chosen]
        if rng.random() < 0.4:  # mixup (Zhang et al. 2018)
            share = rng.beta(0.4, 0.4)
            images = share * images + (1 - share) * images[::-1]
            truth = share * truth + (1 - share) * truth[::-1]
        images = images.astype("float32")
        if self.teacher is not None:
            truth = (truth + self.teacher(images)) / 2
        return images, self.as_target(truth).astype("float32")


def change(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change a picture as a different camera or pose might; return float32 of the same size."""
    side = image.shape[0]
    center = side / 2
    turn = cv2.getRotationMatrix2D((center, center), rng.uniform(-17, 17), rng.uniform(0.85, 1.18))
    turn[:, 2] += rng.uniform(-0.08, 0.08, 2) * side
    image = np.ascontiguousarray(image[:, :: rng.choice([1, -1])])
    image = cv2.warpAffine(image, turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
    image = 255 * (image / np.float32(255)) ** np.float32(np.exp(rng.uniform(-0.5, 0.5)))
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.3))
    if rng.random() < 0.15:
        smaller = int(side * rng.uniform(0.4, 0.9))
        image = cv2.resize(image, (smaller, smaller), interpolation=cv2.INTER_AREA)
        image = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.3:
        image = image + rng.normal(0, rng.uniform(0, 12), image.shape)
    if rng.random() < 0.25:  # something in front of the face
        height, width = rng.integers(side // 8, side // 3, 2)
        y, x = rng.integers(0, side - height), rng.integers(0, side - width)
        image[y : y + height, x : x + width] = rng.uniform(0, 255)
    return np.clip(image, 0, 255)


def build_teacher(width: int) -> keras.Model:
    """Build a residual network with squeeze-and-excitation (He et al. 2016, Hu et al. 2018)."""
    pixels = keras.Input((48, 48, 1))
    x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
    for level in range(4):
        filters = width * 2**level
        for stride in (1 if level == 0 else 2, 1):
            before = layers.Activation("relu")(layers.BatchNormalization()(x))
            y = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(before)
            y = layers.Activation("relu")(layers.BatchNormalization()(y))
            y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
            weight = layers.GlobalAveragePooling2D(keepdims=True)(y)
            weight = layers.Dense(filters // 16, activation="relu")(weight)
            y = y * layers.Dense(filters, activation="sigmoid")(weight)
            if x.shape[-1] != filters or stride != 1:
                x = layers.Conv2D(filters, 1, stride, use_bias=False)(before)
            x = x + y
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, layers.Dense(len(VOTES) + len(EMOTIONS))(x))


def with_outputs(network: keras.Sequential, n: int) -> keras.Sequential:
    """Return a network with n plain outputs (logits) in place of its last layer."""
    return keras.Sequential([network.inputs[0], *network.layers[:-1], layers.Dense(n)])


def starting_from(network: keras.Sequential, outputs: list[int]) -> keras.Sequential:
    """Return a copy of a network with only some of its outputs."""
    *weights, kernel, bias = network.get_weights()
    copy = with_outputs(build_deep_cnn(), len(outputs))
    copy.set_weights([*weights, kernel[:, outputs], bias[outputs]])
    return copy


def loss_of_both(truth, outputs):
    """Return the cross-entropies of votes and of label, added."""
    n = len(VOTES)
    return cross_entropy(truth[:, :n], outputs[:, :n]) + cross_entropy(truth[:, n:], outputs[:, n:])


def three_answers(truth: np.ndarray) -> np.ndarray:
    """Turn shares of votes and label into what `loss_of_three` takes, (n, 16) -> (n, 5).

    The share of neither is that of the votes. The ratio of happy to sad comes from votes and label,
    because few people vote for either if a face is nearly neutral. How strongly this ratio counts
    by itself is in the last two columns.
    """
    happy, sad = truth[:, HAPPY], truth[:, SAD]
    happy_label, sad_label = (truth[:, len(VOTES) + EMOTIONS.index(n)] for n in ("happy", "sad"))
    both = happy + sad
    ratio = (sad + sad_label) / np.maximum(both + happy_label + sad_label, 1e-6)
    counts = np.maximum(happy_label + sad_label, both)
    columns = both * (1 - ratio), 1 - both, both * ratio, counts * (1 - ratio), counts * ratio
    return np.stack(columns, axis=1)


def loss_of_three(target, logits):
    """Return the cross-entropy of the three answers, and that of happy against sad alone."""
    sad_to_happy = logits[:, 2] - logits[:, 0]
    two = target[:, 3] * ops.softplus(sad_to_happy) + target[:, 4] * ops.softplus(-sad_to_happy)
    return cross_entropy(target[:, :3], logits) + ops.mean(two)


def fit(model: keras.Model, data: Batches, loss: Callable, epochs: int, rate: float):
    """Train a network; the rate warms up for an epoch and falls along a cosine."""
    steps = len(data)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20, max(1, (epochs - 1) * steps), warmup_target=rate, warmup_steps=steps
    )
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=5e-4)
    if rate < 0.1:  # the final weights are the mean over the last 500 steps
        average = {"use_ema": True, "ema_momentum": 0.998}
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.02, **average)
    model.compile(optimizer, loss=loss, jit_compile=keras.backend.backend() == "jax")
    model.fit(data, epochs=epochs, verbose=2)


def answerer(*networks: keras.Model) -> Answerer:
    """Return a function from pictures to the networks' mean answer, in the form of the truth."""

    def answer(images: np.ndarray) -> np.ndarray:
        logits = [ops.convert_to_numpy(network(images, training=False)) for network in networks]
        parts = [np.split(each, [len(VOTES)], axis=1) for each in logits]
        return np.mean([np.hstack([softmax(part, 1) for part in both]) for both in parts], axis=0)

    return answer


def examples(dataset: Dataset, name: str, path: str | None) -> tuple[np.ndarray, ...]:
    """Return the pictures of a split, people's votes on them (n, 10), their labels (n,)."""
    votes = ferplus_votes(dataset, path)[[row.split == name for row in dataset.rows]]
    labels = np.array([row.class_name for row in dataset.of(name)])
    return load_images(dataset.of(name)), votes, labels


def calibrated(model: keras.Model, images: np.ndarray, shares: np.ndarray) -> list[np.ndarray]:
    """Return the weights with temperature and biases, fitted to people's votes, folded in."""
    p = softmax(model.predict(images, BATCH, verbose=0), 1)
    shift = fit_bias(p, shares)
    temperature = fit_temperature(softmax(np.log(np.maximum(p, 1e-7)) + shift, 1), shares)
    *weights, kernel, bias = model.get_weights()
    return [*weights, kernel / temperature, (bias + shift) / temperature]


def finish(trained: keras.Model, card: ModelCard, group: Answerer, parts: dict, path: Path) -> None:
    """Calibrate a network by people's votes, evaluate it, and write it in all formats."""
    model = build_deep_cnn(len(card.class_names))
    images, votes, _ = parts["validation"]
    rated = group(votes).sum(axis=1) > 0
    shares = people_shares(group(votes)[rated])
    model.set_weights(calibrated(trained, images[rated], shares))
    images, votes, labels = parts["test"]
    p = model.predict(images, BATCH, verbose=0)
    enough = votes.sum(axis=1) >= 8
    said = {"person": None, "network": p[enough].argmax(axis=1)}
    people = {who: agreement_with_others(group(votes[enough]), one) for who, one in said.items()}
    known = np.isin(labels, card.class_names)
    truth = np.searchsorted(card.class_names, labels[known])
    report = evaluate(p[known], truth, card.class_names, worst=0).to_dict()
    people = {who: score._asdict() for who, score in people.items()}
    card.figures = {"people": people, "test": report}
    model.save(path)
    card.write(path)
    for form in ("onnx", "tflite-dynamic-range"):
        words = ["-m", "emolib", "export", str(path), "--to", form]
        if find_spec("tensorflow"):  # needed for this, whichever backend did the training
            os.environ["KERAS_BACKEND"] = "tensorflow"
            subprocess.run([sys.executable, *words], check=True)
        else:
            print("Run where TensorFlow is installed: python", *words)


def grouped(votes: np.ndarray) -> np.ndarray:
    """Return the votes for happy, neither and sad, from those for all words."""
    happy, sad = votes[:, HAPPY], votes[:, SAD]
    return np.stack([happy, votes.sum(axis=1) - happy - sad, sad], axis=1)


def main() -> None:
    """Train, calibrate, evaluate and write both models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="FER2013: its folder or zip")
    parser.add_argument("--out", required=True, type=Path, help="new folder for the models")
    parser.add_argument("--votes", help="ferplus_votes.csv; default: the one in data/")
    parser.add_argument("--teachers", type=int, help="0 to 2; default: 2 with a GPU, else 0")
    parser.add_argument("--epochs", type=int, nargs=3, default=[90, 107, 24])
    args = parser.parse_args()
    device = str(ops.zeros(1).device).lower()
    if args.teachers is None:
        args.teachers = 2 if "gpu" in device or "cuda" in device else 0
    if not args.teachers:
        print("Training without the large teachers: about three hours on two cores without a GPU.")
    args.out.mkdir(parents=True)
    keras.utils.set_random_seed(0)
    dataset = split(scan(open_folder(args.folder)))
    parts = {name: examples(dataset, name, args.votes) for name in ("train", "validation", "test")}
    images, votes, labels = parts["train"]
    votes = votes[:, : len(VOTES)]  # the rest is "not a face"
    rated = votes.sum(axis=1) > 0
    truth = np.hstack([people_shares(votes), labels[:, None] == EMOTIONS])
    data = Batches(images[rated], truth[rated])
    teachers = [build_teacher(width) for width in TEACHERS[: args.teachers]]
    for network in teachers:
        fit(network, data, loss_of_both, args.epochs[0], rate=0.1)
    data.teacher = answerer(*teachers) if teachers else None
    student = with_outputs(build_deep_cnn(), len(VOTES) + len(EMOTIONS))
    fit(student, data, loss_of_both, args.epochs[1], rate=0.004)
    seven = starting_from(student, SEVEN)  # its answers to the votes
    three = starting_from(student, [HAPPY, VOTES.index("neutral"), SAD])
    data.as_target = three_answers
    fit(three, data, loss_of_three, args.epochs[2], rate=0.0015)
    recipe = {"script": Path(__file__).name, "teachers": args.teachers, "epochs": args.epochs}
    card = ModelCard(ANSWERS, probability=MEANING, training=recipe | {"emolib": __version__})
    card.data = {"name": "fer2013", "sha256": dataset.digest(), "counts": dataset.counts()}
    finish(three, card, grouped, parts, args.out / "emotion_model.keras")
    card = replace(card, class_names=EMOTIONS, files={})
    ours = partial(np.take, indices=SEVEN, axis=1)
    finish(seven, card, ours, parts, args.out / "emotion_model_7.keras")


if __name__ == "__main__":
    main()
