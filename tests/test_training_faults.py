"""What spoils a training is said in a sentence: early, or with the best epoch kept."""

import json
from dataclasses import replace

import numpy as np
import pytest

from conftest import fill, mouth, one_sentence, small_model
from emolib import training
from emolib.cli import main
from emolib.data import DataError
from emolib.model import build_cnn
from emolib.training import TrainingError, prepare, recipe, train_folder
from emolib.training.progress import TimeEstimate, duration


def tiny_batches(spoiled_from: int | None = None):
    """Return 4 batches of 4 pictures; from some epoch on, the last targets are not numbers."""
    import tensorflow as tf

    images = np.stack([np.asarray(mouth(i % 2 == 0, i)) for i in range(16)])[..., None]
    images = images.astype("float32")
    labels = (np.arange(16) % 2).astype("float32")[:, None]
    epochs = iter(range(1, 1000))

    def one_epoch():
        spoiled = spoiled_from is not None and next(epochs) >= spoiled_from
        for start in range(0, 16, 4):
            goals = labels[start : start + 4]
            yield images[start : start + 4], goals * (np.nan if spoiled and start == 12 else 1)

    kinds = (tf.TensorSpec((4, 48, 48, 1)), tf.TensorSpec((4, 1)))
    ds = tf.data.Dataset.from_generator(one_epoch, output_signature=kinds)
    return ds.apply(tf.data.experimental.assert_cardinality(4))


def fresh_model():
    model = small_model()
    training.compile_model(model, 20)
    return model


# A loss that is not a number


def momenta(model) -> set[float]:
    return {layer.momentum for layer in model.layers if hasattr(layer, "momentum")}


@pytest.mark.slow
def test_a_first_epoch_without_a_loss_leaves_nothing(faces_folder, tmp_path, capsys):
    import keras

    out = tmp_path / "mine.keras"
    words = ["train", str(faces_folder), "--out", str(out), "--epochs", "3"]
    before = sorted(tmp_path.iterdir())
    assert main([*words, "--learning-rate", "1e30"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("The loss is not a number in epoch 1: try a lower learning rate")
    assert error.endswith("python -m emolib audit.\n") and error.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before
    # so it can be tried again as it says
    assert main([*words[:-1], "1", "--learning-rate", "0.001"]) == 0
    assert json.loads(out.with_suffix(".json").read_text())["training"]["learning_rate"] == 0.001
    # few steps per epoch
    assert momenta(keras.saving.load_model(out)) == {0.9}


def test_a_loss_that_is_lost_in_the_first_epoch_leaves_no_model(tmp_path):
    ds = tiny_batches(spoiled_from=1)
    with pytest.raises(TrainingError) as error:
        training.fit_resumable(fresh_model(), ds, tiny_batches(), 5, tmp_path, verbose=0)
    one_sentence(error, "not a number in epoch 1", "lower learning rate", "emolib audit")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["train", "validation"])
@pytest.mark.slow
def test_a_loss_that_is_lost_later_keeps_the_best_epoch(where, tmp_path):
    spoiled, sound = tiny_batches(spoiled_from=3), tiny_batches()
    ds, val_ds = (spoiled, sound) if where == "train" else (sound, spoiled)
    model = fresh_model()
    said = []
    history = training.fit_resumable(model, ds, val_ds, 5, tmp_path, verbose=0, say=said.append)
    assert history["epoch"] == [1, 2]
    assert np.isfinite([*history["loss"], *history["val_loss"]]).all()
    best = int(np.argmin(history["val_loss"])) + 1
    (sentence,) = said
    assert (
        f"in epoch 3, so training stops here, and the model keeps the weights of epoch {best}."
        in (sentence)
    )
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
    kept = model.evaluate(sound, verbose=0)[0]
    assert kept == pytest.approx(min(history["val_loss"]), abs=1e-4)
    rows = (tmp_path / "history.csv").read_text().splitlines()
    assert len(rows) == 3 and "nan" not in "".join(rows)


# Classes that a split lacks


@pytest.mark.parametrize("copies", [False, True], ids=["absent", "only copies of test pictures"])
def test_a_validation_folder_without_a_class_is_refused_at_once(copies, tmp_path):
    folder = tmp_path / "data"
    fill(folder / "train", {"happy": 12, "sad": 12})
    fill(folder / "test", {"happy": 4, "sad": 4}, seed=1)
    fill(folder / "validation", {"happy": 4}, seed=2)
    if copies:
        (folder / "validation" / "sad").mkdir()
        for i in range(4):
            path = folder / "test" / "sad" / f"{i:03}.png"
            (folder / "validation" / "sad" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError) as error:
        train_folder(folder, tmp_path / "mine.keras", epochs=1)
    one_sentence(error, "validation set", "no pictures of sad", "remove its folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


@pytest.mark.slow
def test_a_test_folder_without_a_class_is_said_first_and_last(tmp_path, capsys):
    folder = tmp_path / "data"
    fill(folder / "train", {"happy": 12, "sad": 12})
    fill(folder / "test", {"happy": 4}, seed=1)
    assert main(["train", str(folder), "--out", str(tmp_path / "m.keras"), "--epochs", "1"]) == 0
    start, end = capsys.readouterr().out.split("Starting TensorFlow")
    assert "test: 4 happy, 0 sad\nThe test set has no pictures of sad: training continues" in start
    assert "There are no pictures of sad: the scores say nothing about it.\n" in end


def test_what_is_skipped_is_said(faces_folder, tmp_path, capsys):
    (faces_folder / "sad" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    dataset = prepare.split_folder(faces_folder, None, 0)
    (skipped,) = dataset.skipped_lines()
    assert "sad/broken.jpg" in skipped
    assert prepare.counts_text(dataset).splitlines()[0] == skipped
    path = tmp_path / "small.keras"
    small_model().save(path)
    words = ["evaluate", str(path), str(faces_folder), "--classes", "happy", "sad"]
    assert main(words) == 0
    assert f"\n{skipped}\n" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    assert skipped in json.loads(capsys.readouterr().out)["warnings"]


# Unequal classes


def test_balanced_weights_make_all_classes_count_the_same(tmp_path):
    dataset = prepare.split_folder(fill(tmp_path, {"a": 60, "b": 20, "c": 20}), None, 0)
    n = dataset.counts()["train"]
    weights = recipe.balanced_weights(dataset)
    totals = [weight * n[name] for weight, name in zip(weights, "abc", strict=True)]
    assert totals == pytest.approx([sum(n.values()) / 3] * 3)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.slow
def test_weights_count_like_repeated_pictures(n_classes, tmp_path):
    """Both losses are those of a set in which the rare class comes as often as the others."""
    images = np.stack([np.asarray(mouth(i % 2 == 0, i)) for i in range(8)])[..., None]
    labels = np.array([0, 0, 0, 1, 1, 1, n_classes - 1, 0])
    weights = [1.0, 3.0, 3.0][:n_classes]
    goals = training.targets(labels, n_classes)
    model = small_model(classes=n_classes if n_classes > 2 else 1)
    some = (images, goals)
    history = training.train(
        model, some, some, 1, tmp_path, learning_rate=1e-9, class_weights=weights
    )
    again = np.repeat(np.arange(8), np.array(weights, int)[labels])
    repeated = model.evaluate(images[again].astype("float32"), goals[again], verbose=0)[0]
    # Keras divides the weighted sum by the number of pictures
    assert history["val_loss"][0] == pytest.approx(repeated * len(again) / 8, rel=1e-3)


def test_a_resumed_training_must_weigh_the_classes_as_before(tmp_path):
    config = training.TrainConfig(["happy", "sad"], 1, 8, 0, "hash of the pictures")
    prepare.check_config(config, tmp_path)
    changed = replace(config, class_weights="balanced", learning_rate=0.001)
    with pytest.raises(ValueError, match=r"settings \(learning_rate, class_weights\): give"):
        prepare.check_config(changed, tmp_path)
    with pytest.raises(TrainingError, match='can be "balanced" or left out, not even'):
        train_folder(tmp_path, tmp_path / "mine.keras", class_weights="even")


@pytest.mark.slow
def test_weights_find_a_rare_class(tmp_path, capsys):
    folder = fill(tmp_path / "data", {"happy": 190, "sad": 10})
    recalls = []
    for name, options in (("plain", []), ("even", ["--class-weights", "balanced"])):
        words = ["train", str(folder), "--out", str(tmp_path / f"{name}.keras"), "--epochs", "12"]
        assert main([*words, *options]) == 0
        card = json.loads((tmp_path / f"{name}.json").read_text())
        recalls.append(card["figures"]["test"]["balanced_accuracy"])
        assert "Balanced accuracy" in capsys.readouterr().out
    assert recalls[1] >= recalls[0]
    assert card["training"]["class_weights"] == "balanced"


# Short epochs


def test_batch_normalization_follows_faster_where_epochs_are_short():
    assert [recipe.batch_norm_momentum(steps) for steps in (1, 99, 100, 449)] == [
        0.9, 0.9, 0.99, 0.99,
    ]  # fmt: skip
    assert momenta(build_cnn(3, batch_norm_momentum=0.9)) == {0.9}
    assert momenta(build_cnn(3)) == {0.99}


# How long it takes


def test_a_time_is_said_in_words():
    seconds = [0.2, 1, 89, 91, 600, 5399, 5401, 12600]
    assert [duration(each) for each in seconds] == [
        *("1 second", "1 second", "89 seconds", "2 minutes", "10 minutes", "90 minutes"),
        *("1.5 hours", "3.5 hours"),
    ]


@pytest.mark.parametrize(
    ("steps", "epochs", "takes"),
    [
        (400, 30, "20 minutes"),
        (10, 30, "28 seconds"),
        (1, 3, "1 second"),
        (5, 2, None),
        (5, 1, None),
    ],
)
def test_the_time_to_go_is_estimated_once_and_early(steps, epochs, takes, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("emolib.training.progress.time.perf_counter", lambda: clock[0])
    said = []
    estimate = TimeEstimate(said.append)
    estimate.set_params({"epochs": epochs, "steps": steps, "verbose": 2})
    for epoch in range(min(epochs, 3)):
        estimate.on_epoch_begin(epoch)
        for step in range(steps):
            clock[0] += 5 if epoch == step == 0 else 0.1
            estimate.on_train_batch_end(step)
        estimate.on_epoch_end(epoch)
    if takes is None:
        assert said == []
    else:
        assert said == [f"About {takes} to go, or less if the validation loss stops falling."]
