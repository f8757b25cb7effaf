"""The script that makes the released models, run on rendered faces with made-up votes."""

import csv
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from emolib.data import ferplus_votes, scan
from emolib.inference import load_classifier
from emolib.rendering import render_arrays

MODELS = Path(__file__).parents[1] / "models"
EMOTIONS = "angry disgust fear happy neutral sad surprise".split()
PARTS = {"Training": 140, "PublicTest": 35, "PrivateTest": 35}
WORDS = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF".split(",")


@pytest.fixture(scope="module")
def script():
    """The script as a module, with smaller batches and teachers."""
    spec = importlib.util.spec_from_file_location("released", MODELS / "train_released.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.BATCH, module.TEACHERS = 32, (16,)
    return module


@pytest.fixture(scope="module")
def fer2013(tmp_path_factory) -> tuple[Path, Path]:
    """A folder like FER2013's with rendered faces, and votes for them."""
    from PIL import Image

    place = tmp_path_factory.mktemp("fer2013")
    images, _ = render_arrays(sum(PARTS.values()), ("happy", "sad"))
    rng = np.random.default_rng(0)
    rows = []
    for name, n in PARTS.items():
        for i in range(n):
            file = f"{name}_{len(rows) + 10000000}.jpg"
            folder = place / ("train" if name == "Training" else "test") / EMOTIONS[i % 7]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images[len(rows), ..., 0]).save(folder / file, quality=95)
            rows.append([file, len(rows), *rng.multinomial(10, np.full(10, 0.1))])
    votes = place.with_suffix(".csv")
    with open(votes, "w", newline="") as file:
        csv.writer(file).writerows([["file", "row", *WORDS], *rows])
    return place, votes


def test_the_target_follows_votes_and_the_ratio_votes_and_label(script):
    votes = np.zeros((2, 9))
    votes[0, [script.HAPPY, 0]] = 0.8, 0.2  # eight of ten say happy, and so does the label
    votes[1, 0] = 1.0  # all say neutral, the label says sad
    label = np.eye(7)[[script.EMOTIONS.index("happy"), script.EMOTIONS.index("sad")]]
    target = script.three_answers(np.hstack([votes, label]))
    assert target[0] == pytest.approx([0.8, 0.2, 0, 1, 0])
    assert target[1] == pytest.approx([0, 1, 0, 0, 1])
    assert script.grouped(np.arange(9)[None]).tolist() == [[1, 32, 3]]


def test_changed_pictures_keep_their_size_and_differ_in_each_epoch(script):
    images = np.repeat(render_arrays(8)[0], 8, axis=0)
    batches = script.Batches(images, np.eye(16)[np.zeros(64, int)])
    first, target = batches[0]
    assert first.shape == (32, 48, 48, 1) and first.dtype == target.dtype == np.float32
    assert 0 <= first.min() < first.max() <= 255 and len(batches) == 2
    np.testing.assert_array_equal(first, batches[0][0])
    batches.on_epoch_end()
    assert (first != batches[0][0]).any()


@pytest.mark.slow  # trains four networks and exports two
def test_it_runs_to_the_end(script, fer2013, tmp_path, monkeypatch, capfd):
    folder, votes = fer2013
    assert ferplus_votes(scan(folder), votes).sum() == 10 * sum(PARTS.values())
    words = f"train_released.py {folder} --out {tmp_path / 'new'} --votes {votes} --teachers 1"
    monkeypatch.setattr(sys, "argv", [*words.split(), "--epochs", "1", "1", "1"])
    script.main()
    for name, classes in (("emotion_model", script.ANSWERS), ("emotion_model_7", EMOTIONS)):
        answers = []
        for suffix in (".keras", ".onnx", ".tflite"):
            classifier = load_classifier(tmp_path / "new" / f"{name}{suffix}")
            answers.append(classifier.predict_arrays(np.full((1, 48, 48, 1), 99.0)))
            assert (
                classifier.class_names == classes
                and "share of people" in classifier.card.probability
            )
        assert answers[1] == pytest.approx(answers[0], abs=1e-4)
        assert answers[2] == pytest.approx(answers[0], abs=0.1)
        assert set(classifier.card.figures["people"]) == {"person", "network"}
        assert classifier.card.training["teachers"] == 1
