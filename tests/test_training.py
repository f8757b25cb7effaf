import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial

import numpy as np
import pytest
from conftest import fill, mouth
from PIL import Image

from emolib import distillation, training
from emolib.__main__ import main
from emolib.classifier import load_classifier
from emolib.data import DataError, batches, scan, split
from emolib.model import (
    ModelError,
    build_cnn,
    build_deep_cnn,
    build_light_cnn,
    load_model,
    read_card,
)
from emolib.recipes import train_folder

RNG = np.random.default_rng(0)


def tiny_set(n: int = 16):
    images = np.stack([np.asarray(mouth(i % 2 == 0, i)) for i in range(n)])[..., None]
    return images, (np.arange(n) % 2).astype("float32")[:, None]


def test_a_tiny_set_is_learned_by_heart(tmp_path):
    import keras

    keras.utils.set_random_seed(0)
    images, labels = tiny_set()
    model = build_cnn(2)
    ds = batches(images, labels, 16)
    training.compile_model(model, 60, label_smoothing=0.0)
    history = training.fit(model, ds, ds, 60, tmp_path, verbose=0)
    assert max(history["accuracy"]) == 1.0
    assert ((model(images.astype("float32")).numpy() > 0.5) == labels).all()


def test_the_best_epoch_is_kept_and_patience_ends_the_rest(tmp_path):
    images, labels = tiny_set()
    model = build_cnn(2)
    ds = batches(images, labels, 16)
    # the opposite answers can only get worse as it learns
    opposite = batches(images, 1 - labels, 16)
    training.compile_model(model, 100)
    history = training.fit(model, ds, opposite, 100, tmp_path, patience=2, verbose=0)
    losses = history["val_loss"]
    assert len(losses) == int(np.argmin(losses)) + 3 < 100
    best = model.evaluate(opposite, verbose=0)[0]
    assert best == pytest.approx(min(losses), abs=1e-4)


@pytest.mark.parametrize("muon", [False, True])
def test_an_interrupted_fit_goes_on_with_the_same_optimizer(muon, tmp_path):
    import keras

    images, labels = tiny_set()
    ds = batches(images, labels, 4)

    def fresh():
        model = build_cnn(2)
        training.compile_model(model, 6 * len(ds), muon=muon)
        return model

    first = training.fit(fresh(), ds, ds, 2, tmp_path, verbose=0)
    both = training.fit(fresh(), ds, ds, 6, tmp_path, verbose=0)
    assert both["epoch"] == [1, 2, 3, 4, 5, 6]
    assert both["loss"][:2] == first["loss"]
    # the model itself is back at its best epoch
    last = keras.saving.load_model(tmp_path / "last.keras")
    assert int(last.optimizer.iterations) == 6 * len(ds)
    momenta = [m for m in getattr(last.optimizer, "momenta", []) if m is not None]
    assert len(momenta) == (5 if muon else 0)
    assert all(np.abs(m.numpy()).max() > 0 for m in momenta)
    # the cosine went on falling where it stood
    assert both["learning_rate"] == sorted(both["learning_rate"], reverse=True)
    assert both["learning_rate"][-1] < 1e-6


def test_augmentation_changes_pictures_but_not_their_form():
    images = np.stack([np.asarray(mouth(True, i)) for i in range(8)])[..., None].astype("float32")
    from emolib.augmentation import augmentation

    changed = np.asarray(augmentation(0)(images, training=True))
    assert changed.shape == images.shape
    assert 0 <= changed.min() <= changed.max() <= 255
    assert np.abs(changed - images).mean() > 5
    # still faces: close in light on the whole
    assert abs(changed.mean() - images.mean()) < 60


def test_accuracy_counts_soft_targets_by_their_side():
    images, labels = tiny_set()
    soft = (0.2 + 0.6 * labels).astype("float32")
    model = build_cnn(2)
    training.compile_model(model, 1)
    counted = model.evaluate(images, soft, verbose=0, return_dict=True)["accuracy"]
    answers = model(images.astype("float32")).numpy()
    assert counted == pytest.approx(((answers > 0.5) == labels).mean())


def test_some_pictures_are_blurred_and_the_light_stays():
    from emolib.augmentation import RandomBlur

    images = tiny_set(40)[0].astype("float32")
    changed = np.asarray(RandomBlur(0.5, seed=0)(images, training=True))
    same = np.array([np.allclose(a, b, atol=0.01) for a, b in zip(images, changed, strict=True)])
    assert 8 < same.sum() < 32
    steps = [np.abs(np.diff(x[~same], axis=2)).mean() for x in (images, changed)]
    assert steps[1] < 0.8 * steps[0]
    assert changed.mean() == pytest.approx(images.mean(), rel=0.02)


@pytest.mark.parametrize(("height", "width", "channels"), [(48, 48, 1), (45, 30, 3)])
def test_random_jpeg_does_what_a_jpeg_file_does(height, width, channels):
    from emolib.augmentation import RandomJpeg

    soft = RNG.uniform(0, 255, (6, 8, 8)).astype("uint8")
    pictures = [Image.fromarray(a).resize((width, height), Image.Resampling.BICUBIC) for a in soft]
    stored = []
    for picture in pictures:
        picture.save(file := io.BytesIO(), "JPEG", quality=20)
        stored.append(np.asarray(Image.open(file), "float32"))
    images = np.stack([np.asarray(picture, "float32") for picture in pictures])[..., None]
    images = np.repeat(images, channels, axis=3)
    layer = RandomJpeg(1.0, qualities=(20, 20.001), seed=0)
    changed = np.asarray(layer(images, training=True))
    assert changed.shape == images.shape
    assert (np.asarray(layer(images)) == images).all()
    # the file's numbers are whole: that and its edges is all that differs
    inside = (slice(None), slice(0, height // 8 * 8), slice(0, width // 8 * 8))
    lost = np.abs(images[..., 0] - stored)[inside].mean()
    assert np.abs(changed[..., 0] - stored)[inside].mean() < 0.25 * lost


def layout(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("mine"))


LAYOUT = ["mine.json", "mine.keras", "mine_curves.png", "mine_history.csv", "mine_split.csv"]


def test_train_evaluate_predict_from_the_command_line(faces_folder, tmp_path, capsys):
    out = tmp_path / "mine.keras"
    words = ["train", str(faces_folder), "--out", str(out), "--epochs", "2", "--batch-size", "8"]
    assert main(words) == 0
    assert "On 12 test pictures:" in capsys.readouterr().out
    assert layout(tmp_path) == LAYOUT
    with zipfile.ZipFile(out) as archive:  # opens in a program that has no emolib
        assert not json.loads(archive.read("config.json")).get("compile_config")
    card = read_card(out)
    assert card.class_names == ["happy", "sad"]
    assert card.data["counts"]["train"] == {"happy": 28, "sad": 28}
    assert card.training["seed"] == 0
    history = list(csv.DictReader((tmp_path / "mine_history.csv").open()))
    assert [row["epoch"] for row in history] == ["1.0", "2.0"]

    figures = tmp_path / "figures"
    words = ["evaluate", str(out), str(faces_folder), "--json", "--save", str(figures)]
    assert main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {
        "n", "class_names", "accuracy", "balanced_accuracy", "roc_auc", "log_loss", "ece",
        "classes", "confusion", "mistakes",
    }  # fmt: skip
    # a flat folder: only the pictures that the training had set aside
    assert report["n"] == 12
    assert report["accuracy"]["value"] == pytest.approx(card.figures["test"]["accuracy"]["value"])
    assert len(list(figures.glob("*.png"))) == 4
    assert main(["evaluate", str(out), str(faces_folder), "--split", "all"]) == 0
    assert "80 pictures" in capsys.readouterr().out

    face = faces_folder / "happy" / "000.png"
    assert main(["predict", "--face", "--model", str(out), str(face)]) == 0
    assert main(words[:1] + words[1:2] + [str(tmp_path / "nowhere")]) == 1
    assert main(["train", str(faces_folder), "--out", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert layout(tmp_path) == LAYOUT


@pytest.mark.parametrize("names", [["a", "b", "c"], list("abcdefg")])
def test_more_classes_are_only_more_folders(names, tmp_path):
    folder = fill(tmp_path / "data", dict.fromkeys(names, 8), mode="RGB", size=60)
    card = train_folder(folder, tmp_path / "mine.keras", epochs=1, say=lambda text: None)
    assert card.class_names == names
    face = load_classifier(tmp_path / "mine.keras").predict(mouth(True, 0), face=True)[0]
    assert set(face.probabilities) == set(names)
    assert sum(face.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("recipe", "build"), [("released", build_deep_cnn), ("distilled", build_light_cnn)]
)
def test_a_long_recipe_says_how_long_and_writes_the_network_of_all_classes_too(
    recipe, build, tmp_path
):
    folder = fill(tmp_path / "data", {"happy": 12, "neutral": 12, "sad": 12})
    lines = []
    train = partial(train_folder, recipe=recipe, epochs=1, say=lines.append)
    card = train(folder, tmp_path / "mine.keras")
    assert any("8 passes" in x and "on this machine" in x for x in lines[:4])
    generations = [line.split(": ")[1] for line in lines if line.startswith("Generation")]
    assert generations == [f"{b(3).count_params():,} parameters" for b in (build_light_cnn, build)]
    assert card.class_names == ["happy", "sad"]
    assert card.others
    assert card.figures["sure_on_validation"]["others_unsure"] is not None
    assert load_model(tmp_path / "mine.keras")[0].output_shape == (None, 3)
    assert card.mirrored == (recipe == "released")
    every, card = load_model(tmp_path / "mine_3.keras")
    assert card.class_names == ["happy", "neutral", "sad"]
    assert every.output_shape == (None, 3)
    (tmp_path / "other_3.keras").write_text("precious")
    with pytest.raises(ModelError, match="other_3.keras, to be written too, exists already"):
        train(folder, tmp_path / "other.keras")
    assert not (tmp_path / "other.training").exists()
    with pytest.raises(DataError, match="has only happy, sad"):
        fill(tmp_path / "two", {"happy": 5, "sad": 5})
        train_folder(tmp_path / "two", tmp_path / "x.keras", recipe=recipe)


def test_the_light_network_has_the_released_one_for_a_teacher_on_the_same_data_only(
    tmp_path, monkeypatch
):
    card, teacher = read_card(distillation.TEACHER), tmp_path / distillation.TEACHER.name
    folder = fill(tmp_path / "data", dict.fromkeys(card.class_names, 8))
    digest = split(scan(folder), seed=0).digest()
    # it might have learned the test pictures of any other data set
    assert distillation.released_teacher(digest) is None
    card.data["sha256"] = digest
    shutil.copy(distillation.TEACHER, teacher)
    card.write(teacher)
    monkeypatch.setattr(distillation, "TEACHER", teacher)
    lines = []
    out = tmp_path / "mine.keras"
    train_folder(folder, out, recipe="distilled", epochs=1, say=lines.append)
    assert any("7 passes" in line for line in lines)
    assert "The teacher is emotion_model_7.keras" in lines
    generations = [line for line in lines if line.startswith("Generation")]
    assert [line[:17] for line in generations] == ["Generation 2 of 2"]


def test_muon_moves_a_kernel_equally_in_all_directions():
    import keras

    from emolib.muon import Muon, orthogonal

    matrix = RNG.normal(size=(40, 6)) @ np.diag([9, 5, 2, 1, 0.5, 0.1])
    for m in (matrix, matrix.T):
        singular = np.linalg.svd(np.asarray(orthogonal(m.astype("float32"))))[1]
        assert 0.6 < singular.min() and singular.max() < 1.3
    pixels, kernel = (keras.Variable(np.zeros((3, 3, n, 8), "float32")) for n in (1, 4))
    bias = keras.Variable(np.zeros(8, "float32"))
    gradients = [RNG.normal(size=v.shape).astype("float32") for v in (pixels, kernel, bias)]
    Muon(0.1, adam_share=0.5).apply_gradients(zip(gradients, (pixels, kernel, bias), strict=True))
    steps = np.linalg.svd(kernel.numpy().reshape(-1, 8))[1] / 0.1
    assert 0.6 < steps.min() and steps.max() < 1.3
    assert (np.asarray(kernel) * gradients[1]).sum() < 0
    # Adam's first step is its rate, whatever the gradient
    for v, g in ((pixels, gradients[0]), (bias, gradients[2])):
        assert v.numpy() == pytest.approx(-0.05 * np.sign(g), rel=1e-3)


def test_reading_out_two_of_three_classes_keeps_their_odds():
    from emolib.distillation import read_out

    images = tiny_set(4)[0].astype("float32")
    every, model = build_cnn(4), build_cnn(2, others=True)
    p = every(images).numpy()
    read_out(every, ["a", "b", "c", "d"], model, ["a", "c"])
    q = model(images).numpy()
    assert q[:, 1] / q[:, 0] == pytest.approx(p[:, 2] / p[:, 0], rel=1e-4)
    # the others' score is the mean of theirs
    assert q[:, 2] / q[:, 0] == pytest.approx(2 * np.sqrt(p[:, 1] * p[:, 3]) / p[:, 0], rel=1e-4)


def test_what_is_none_of_the_wanted_classes_is_one_class():
    goals = np.array([[1, 0, 0, 0], [0, 0.4, 0, 0.6], [0.2, 0.4, 0.3, 0.1]])
    assert goals @ distillation.folding(["a", "b", "c", "d"], ["a", "c"]) == pytest.approx(
        np.array([[1, 0, 0], [0, 0, 1], [0.2, 0.3, 0.5]])
    )


def test_teachers_speak_of_the_very_pictures_that_are_learned_from(monkeypatch):
    import tensorflow as tf

    def left_half(images, training):
        share = tf.reduce_mean(images[:, :, :2], axis=(1, 2)) / 255
        return tf.concat([share, 1 - share], axis=1)

    monkeypatch.setattr(distillation, "MIXED", 0)
    images = RNG.uniform(0, 255, (6, 4, 4, 1)).astype("float32")
    truth = np.eye(2, dtype="float32")[[0, 1] * 3]
    shown, goals = distillation.taught_by([left_half], 0.2)(tf.constant(images), tf.constant(truth))
    assert shown.numpy() == pytest.approx(images)
    ways = [images, images[:, :, ::-1]]
    said = [0.2 * truth + 0.8 * left_half(way, training=False).numpy() for way in ways]
    assert any(goals.numpy() == pytest.approx(way) for way in said)


def test_pictures_are_mixed_in_the_measure_of_their_labels(monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(distillation, "MIXED", 1)
    images = RNG.uniform(0, 255, (6, 4, 4, 1)).astype("float32")
    truth = np.eye(2, dtype="float32")[[0, 1] * 3]
    teach = distillation.taught_by([lambda images, training: tf.zeros((6, 2))], labels=0.2)
    shown, goals = teach(tf.constant(images), tf.constant(truth))
    own = (goals.numpy() * truth).sum(axis=1)[:, None, None, None] / 0.2
    assert 0.5 <= own.min() < own.max() <= 1
    assert shown.numpy() == pytest.approx(own * images + (1 - own) * images[::-1], rel=1e-4)


def test_killed_in_the_middle_of_an_epoch_and_resumed(faces_folder, tmp_path):
    out, work = tmp_path / "mine.keras", tmp_path / "mine.training"
    words = [sys.executable, "-m", "emolib", "train", faces_folder, "--out", out, "--epochs", "6"]
    words += ["--batch-size", "4"]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    deadline = time.time() + 300
    while time.time() < deadline and not (work / "last.keras").exists():
        time.sleep(0.05)
    time.sleep(0.2)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    assert not out.exists()
    done = len((work / "history.csv").read_text().splitlines()) - 1
    assert 1 <= done < 6

    again = subprocess.run(words, capture_output=True, text=True)
    assert again.returncode == 1
    assert "add --resume to go on" in again.stderr
    other = subprocess.run([*words, "--resume", "--seed", "7"], capture_output=True, text=True)
    assert other.returncode == 1
    assert "other seed" in other.stderr

    before = (work / "history.csv").read_text().splitlines()[: done + 1]
    resumed = subprocess.run([*words, "--resume"], capture_output=True, text=True)
    assert resumed.returncode == 0, resumed.stderr
    assert layout(tmp_path) == LAYOUT
    after = (tmp_path / "mine_history.csv").read_text().splitlines()
    assert len(after) == 7
    assert after[: len(before)] == before


def test_nothing_of_the_readers_is_overwritten(faces_folder, tmp_path):
    (tmp_path / "mine.keras").write_text("precious")
    with pytest.raises(ModelError, match="exists already"):
        train_folder(faces_folder, tmp_path / "mine.keras", epochs=1)
    assert (tmp_path / "mine.keras").read_text() == "precious"
    assert not (tmp_path / "mine.training").exists()
    with pytest.raises(ModelError, match="choose plain, released, distilled"):
        train_folder(faces_folder, tmp_path / "new.keras", recipe="secret")
