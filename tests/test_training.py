import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import fill, mouth, slow_cases
from emolib import training
from emolib.cli import main
from emolib.course import own_model
from emolib.data import batches, scan, split
from emolib.inference import load_classifier
from emolib.model import ModelError, build_cnn, read_card
from emolib.training import TrainConfig, train_folder, written_files
from emolib.training.prepare import check_config

RNG = np.random.default_rng(0)


def tiny_set(n: int = 16):
    images = np.stack([np.asarray(mouth(i % 2 == 0, i)) for i in range(n)])[..., None]
    return images, (np.arange(n) % 2).astype("float32")[:, None]


@pytest.mark.slow
def test_a_tiny_set_is_learned_by_heart(tmp_path):
    import keras

    keras.utils.set_random_seed(0)
    images, labels = tiny_set()
    model = build_cnn(2)
    ds = batches(images, labels, 16)
    training.compile_model(model, 60, label_smoothing=0.0)
    history = training.fit_resumable(model, ds, ds, 60, tmp_path, verbose=0)
    assert max(history["accuracy"]) == 1.0
    assert ((model(images.astype("float32")).numpy() > 0.5) == labels).all()


@pytest.mark.slow
def test_the_best_epoch_is_kept_and_patience_ends_the_rest(tmp_path):
    images, labels = tiny_set()
    model = build_cnn(2)
    ds = batches(images, labels, 16)
    # the opposite answers can only get worse as it learns
    opposite = batches(images, 1 - labels, 16)
    training.compile_model(model, 100)
    history = training.fit_resumable(model, ds, opposite, 100, tmp_path, patience=2, verbose=0)
    losses = history["val_loss"]
    assert len(losses) == int(np.argmin(losses)) + 3 < 100
    best = model.evaluate(opposite, verbose=0)[0]
    assert best == pytest.approx(min(losses), abs=1e-4)


@pytest.mark.slow
def test_an_interrupted_fit_goes_on_with_the_same_optimizer(tmp_path):
    import keras

    images, labels = tiny_set()
    ds = batches(images, labels, 4)

    def fresh():
        model = build_cnn(2)
        training.compile_model(model, 6 * len(ds))
        return model

    first = training.fit_resumable(fresh(), ds, ds, 2, tmp_path, verbose=0)
    both = training.fit_resumable(fresh(), ds, ds, 6, tmp_path, verbose=0)
    assert both["epoch"] == [1, 2, 3, 4, 5, 6]
    assert both["loss"][:2] == first["loss"]
    # the model itself is back at its best epoch
    last = keras.saving.load_model(tmp_path / "last.keras")
    assert int(last.optimizer.iterations) == 6 * len(ds)
    # the cosine went on falling where it stood
    assert both["learning_rate"] == sorted(both["learning_rate"], reverse=True)
    assert both["learning_rate"][-1] < 1e-6


def test_augmentation_changes_pictures_but_not_their_form():
    images = np.stack([np.asarray(mouth(True, i)) for i in range(8)])[..., None].astype("float32")
    from emolib.data import augmentation

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


def layout(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("mine"))


LAYOUT = ["mine.json", "mine.keras", "mine_curves.png", "mine_history.csv", "mine_split.csv"]


@pytest.mark.slow
def test_train_evaluate_predict_from_the_command_line(faces_folder, tmp_path, capsys):
    out = tmp_path / "mine.keras"
    words = ["train", str(faces_folder), "--out", str(out), "--epochs", "2", "--batch-size", "8"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert re.search(r"\nBest epoch: [12] of 2, with the lowest validation loss\.\n", said)
    assert re.search(
        r"\nAccuracy on \d+ test pictures: .*\nBalanced accuracy.*\nRecall.*happy", said
    )
    assert layout(tmp_path) == LAYOUT
    # each file that was written is named
    for what, path in written_files(out).items():
        assert path.exists() and f"  {path} ({what})\n" in said
    with zipfile.ZipFile(out) as archive:  # opens in a program that has no emolib
        assert not json.loads(archive.read("config.json")).get("compile_config")
    card = read_card(out)
    assert card.class_names == ["happy", "sad"]
    assert card.data["counts"] == split(scan(faces_folder)).counts()
    assert card.training["seed"] == 0
    history = list(csv.DictReader((tmp_path / "mine_history.csv").open()))
    assert [row["epoch"] for row in history] == ["1.0", "2.0"]

    figures = tmp_path / "figures"
    words = ["evaluate", str(out), str(faces_folder), "--json", "--save", str(figures)]
    assert main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {
        "n", "class_names", "accuracy", "balanced_accuracy", "roc_auc", "log_loss", "ece",
        "classes", "confusion", "mistakes", "left_out", "used_in_training", "warnings",
    }  # fmt: skip
    assert report["used_in_training"] == 0
    # a flat folder: only the pictures that the training had set aside
    assert report["n"] == card.figures["test"]["n"]
    assert report["accuracy"]["value"] == pytest.approx(card.figures["test"]["accuracy"]["value"])
    assert len(list(figures.glob("*.png"))) == 4
    assert main(["evaluate", str(out), str(faces_folder), "--split", "all"]) == 0
    assert "80 pictures" in capsys.readouterr().out

    face = faces_folder / "happy" / "000.png"
    assert main(["predict", "--face", "--model", str(out), str(face)]) == 0
    assert main(words[:1] + words[1:2] + [str(tmp_path / "nowhere")]) == 1
    assert main(["train", str(faces_folder), "--out", str(out)]) == 1
    assert "already exists" in capsys.readouterr().err
    assert layout(tmp_path) == LAYOUT


@pytest.mark.parametrize("names", [["a", "b", "c"], *slow_cases(list("abcdefg"))])
def test_more_classes_are_only_more_folders(names, tmp_path):
    folder = fill(tmp_path / "data", dict.fromkeys(names, 8), mode="RGB", size=60)
    card = train_folder(folder, tmp_path / "mine.keras", epochs=1, say=lambda text: None)
    assert card.class_names == names
    face = load_classifier(tmp_path / "mine.keras").predict(mouth(True, 0), face=True)[0]
    assert set(face.probabilities) == set(names)
    assert sum(face.probabilities.values()) == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "words", "channels"), [(32, ["--color"], 3), (64, [], 1)])
def test_size_and_color_go_from_the_command_line_into_every_answer(
    size, words, channels, tmp_path, capsys
):
    pytest.importorskip("tf2onnx")
    folder = fill(tmp_path / "faces", {"happy": 8, "sad": 8}, size=40, mode="RGB")
    out = tmp_path / "mine.keras"
    words = ["train", str(folder), "--out", str(out), "--epochs", "1", *words]
    assert main([*words, "--image-size", str(size)]) == 0
    card = read_card(out)
    assert (card.image_size, card.channels) == ((size, size), channels)
    assert card.training["image_size"] == [size, size] and card.training["channels"] == channels

    assert main(["export", str(out), "--to", "onnx"]) == 0
    capsys.readouterr()
    said = []
    for path in (out, out.with_suffix(".onnx")):
        face = str(folder / "sad" / "000.png")
        assert main(["predict", "--json", "--face", "--model", str(path), face]) == 0
        answer = json.loads(capsys.readouterr().out)[0]["faces"][0]["probability"]
        assert main(["evaluate", str(path), str(folder), "--split", "all", "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["n"] == 16
        said.append([answer, report["log_loss"]])
    assert said[0] == pytest.approx(said[1], abs=1e-4)


def test_pictures_too_small_to_learn_from_are_refused(faces_folder, tmp_path, capsys):
    words = ["train", str(faces_folder), "--out", str(tmp_path / "mine.keras")]
    assert main([*words, "--image-size", "15"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.endswith("give at least 16 x 16.\n")
    assert layout(tmp_path) == []


def test_an_interrupted_training_is_not_resumed_with_a_different_size_or_color(tmp_path):
    config = TrainConfig(["happy", "sad"], 1, 8, 0, "hash of the pictures")
    check_config(config, tmp_path)
    check_config(config, tmp_path)
    changed = replace(config, image_size=(32, 32), channels=3)
    with pytest.raises(
        ModelError, match=r"different settings \(image_size, channels\): give the same"
    ):
        check_config(changed, tmp_path)


@pytest.mark.slow
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
    assert "add --resume to continue" in again.stderr
    other = subprocess.run([*words, "--resume", "--seed", "7"], capture_output=True, text=True)
    assert other.returncode == 1
    assert "different settings (seed, data)" in other.stderr

    before = (work / "history.csv").read_text().splitlines()[: done + 1]
    resumed = subprocess.run([*words, "--resume"], capture_output=True, text=True)
    assert resumed.returncode == 0, resumed.stderr
    assert layout(tmp_path) == LAYOUT
    after = (tmp_path / "mine_history.csv").read_text().splitlines()
    assert len(after) == 7
    assert after[: len(before)] == before


def test_the_command_and_the_notebook_write_to_different_files(faces_folder, monkeypatch):
    asked = []

    def stop(folder, out, **options):
        asked.append(out)
        raise ModelError("Far enough.")

    monkeypatch.setattr("emolib.training.train_folder", stop)
    assert main(["train", str(faces_folder)]) == 1
    assert asked == ["models/trained.keras"]
    assert Path(asked[0]).name != own_model.FILE


def test_nothing_of_the_readers_is_overwritten(faces_folder, tmp_path):
    (tmp_path / "mine.keras").write_text("precious")
    with pytest.raises(ModelError, match="already exists"):
        train_folder(faces_folder, tmp_path / "mine.keras", epochs=1)
    assert (tmp_path / "mine.keras").read_text() == "precious"
    assert not (tmp_path / "mine.training").exists()
