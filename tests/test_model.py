import json
import subprocess
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from conftest import slow_cases
from emolib.inference import load_classifier
from emolib.model import (
    ModelCard,
    ModelError,
    build_cnn,
    build_deep_cnn,
    export_model,
    load_model,
    read_card,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype("float32")


def save(model, path, class_names=("happy", "sad"), **card):
    model.save(path)
    ModelCard(list(class_names), **card).write(path)
    return path


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    import keras

    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("models")
    seven = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
    save(build_cnn(2), folder / "two.keras")
    save(build_cnn(7), folder / "seven.keras", seven)
    return folder


@pytest.mark.parametrize(("n_classes", "outputs"), [(2, 1), (3, 3), (7, 7)])
@pytest.mark.parametrize("channels", [1, *slow_cases(3)])
@pytest.mark.parametrize("build", [build_cnn, build_deep_cnn])
def test_the_network_takes_pixels_and_gives_probabilities(build, n_classes, outputs, channels):
    model = build(n_classes, (48, 48), channels)
    assert model.count_params() < 1_000_000
    result = model(np.repeat(IMAGES, channels, axis=3)).numpy()
    assert result.shape == (5, outputs)
    assert (result >= 0).all() and (result <= 1).all()
    if outputs > 1:
        assert result.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_outputs_become_calibrated_probabilities():
    two = ModelCard(["happy", "sad"])
    assert two.probabilities(np.array([[0.3]])).ravel() == pytest.approx([0.7, 0.3])
    three = ModelCard(["happy", "neither", "sad"])
    outputs = np.array([[0.2, 0.3, 0.5], [0.9, 0.05, 0.05]])
    assert three.probabilities(outputs) == pytest.approx(outputs)
    three.temperature = 2.0
    root = np.sqrt(outputs)
    expected = root / root.sum(axis=1, keepdims=True)
    assert three.probabilities(outputs) == pytest.approx(expected)


def test_light_and_contrast_change_no_answer():
    model = build_cnn(2)
    dark = 10 + IMAGES * 0.3
    assert model(dark).numpy() == pytest.approx(model(IMAGES).numpy(), abs=1e-3)


@pytest.mark.slow
def test_a_saved_model_answers_the_same_in_a_fresh_process(saved):
    model, _ = load_model(saved / "two.keras")
    code = (
        "import sys, numpy as np; from emolib.model import load_model;"
        "x = np.load(sys.argv[2]); print(*load_model(sys.argv[1])[0](x).numpy().ravel())"
    )
    np.save(saved / "x.npy", IMAGES)
    words = [sys.executable, "-c", code, saved / "two.keras", saved / "x.npy"]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert [float(v) for v in out.split()] == pytest.approx(model(IMAGES).numpy().ravel(), abs=1e-6)


@pytest.mark.parametrize("name", ["two", *slow_cases("seven")])
@pytest.mark.parametrize("to", ["h5", *slow_cases("onnx", "tflite")])
def test_every_format_that_answers_gives_the_same_answers(saved, name, to):
    if to == "onnx":
        pytest.importorskip("tf2onnx")
    if to == "tflite":
        pytest.importorskip("ai_edge_litert")
    path = export_model(saved / f"{name}.keras", to)
    # pictures of very different light: what is averaged over a batch by mistake shows here
    images = IMAGES * np.array([0.1, 0.3, 0.5, 0.8, 1.0]).reshape(5, 1, 1, 1)
    expected = load_classifier(saved / f"{name}.keras").predict_arrays(images)
    classifier = load_classifier(path)
    assert classifier.predict_arrays(images) == pytest.approx(expected, abs=1e-4)
    assert classifier.predict_arrays(images, batch_size=1) == pytest.approx(expected, abs=1e-4)
    assert read_card(saved / f"{name}.keras").files.keys() >= {path.name, f"{name}.keras"}


@pytest.mark.slow
def test_a_savedmodel_is_written(saved, tmp_path):
    assert export_model(saved / "two.keras", "savedmodel", tmp_path / "out_savedmodel").is_dir()


@pytest.mark.slow
def test_weights_of_8_bits_are_a_quarter_of_the_size_and_answer_nearly_the_same(saved, tmp_path):
    pytest.importorskip("ai_edge_litert")
    path = export_model(saved / "seven.keras", "tflite-dynamic-range", tmp_path / "small.tflite")
    assert path.stat().st_size < 0.3 * 4 * build_cnn(7).count_params()
    expected = load_classifier(saved / "seven.keras").predict_arrays(IMAGES)
    assert load_classifier(path).predict_arrays(IMAGES) == pytest.approx(expected, abs=0.02)


@pytest.mark.slow
def test_without_litert_a_sentence_says_what_to_install(saved, tmp_path, monkeypatch):
    path = export_model(saved / "two.keras", "tflite", tmp_path / "two.tflite")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ModelError, match="pip install ai-edge-litert"):
        load_classifier(path)


@pytest.mark.slow
def test_a_tflite_file_that_is_not_what_its_card_says_is_refused(saved, tmp_path):
    pytest.importorskip("ai_edge_litert")
    path = export_model(saved / "seven.keras", "tflite", tmp_path / "seven.tflite")
    ModelCard(["happy", "sad"]).write(path)
    with pytest.raises(ModelError, match="7 outputs, but its card needs 2"):
        load_classifier(path)
    ModelCard(["happy", "sad"], image_size=(64, 64)).write(path)
    with pytest.raises(ModelError, match="but its card says .64, 64, 1."):
        load_classifier(path)


def test_export_says_what_is_in_the_way(saved, tmp_path, monkeypatch):
    (tmp_path / "there.h5").write_text("mine")
    with pytest.raises(ModelError, match="already exists"):
        export_model(saved / "two.keras", "h5", tmp_path / "there.h5")
    assert (tmp_path / "there.h5").read_text() == "mine"
    with pytest.raises(ModelError, match="is not an export format"):
        export_model(saved / "two.keras", "docx")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install tf2onnx onnx"):
        export_model(saved / "two.keras", "onnx", tmp_path / "a.onnx")


def test_a_card_that_is_not_the_files_is_refused(saved, tmp_path):
    path = save(build_cnn(2), tmp_path / "mine.keras")
    card = json.loads((tmp_path / "mine.json").read_text())
    with open(path, "ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="does not belong to mine.keras"):
        read_card(path)
    (tmp_path / "mine.json").write_text("{}")
    with pytest.raises(ModelError, match="not a model card"):
        read_card(path)
    (tmp_path / "mine.json").write_text(json.dumps(card | {"class_names": ["happy", "sad", "x"]}))
    with pytest.raises(ModelError, match="does not belong"):
        read_card(path)
    (tmp_path / "mine.json").unlink()
    with pytest.raises(ModelError, match="mine.json is missing"):
        read_card(path)
    assert read_card(path, ["happy", "sad"]).class_names == ["happy", "sad"]


def test_a_card_of_an_earlier_version_is_read(tmp_path):
    path = save(build_cnn(2), tmp_path / "mine.keras", flip_tta=True)
    card = (tmp_path / "mine.json").read_text()
    assert '"flip_tta": true' in card
    (tmp_path / "mine.json").write_text(card.replace("flip_tta", "mirrored"))
    assert read_card(path).flip_tta is True


@pytest.mark.parametrize(("others", "refused"), [(False, False), (True, True)])
def test_a_card_with_an_output_for_no_class_is_refused(tmp_path, others, refused):
    path = save(build_cnn(2), tmp_path / "mine.keras")
    card = json.loads((tmp_path / "mine.json").read_text())
    (tmp_path / "mine.json").write_text(json.dumps(card | {"others": others}))
    said = pytest.raises(ModelError, match="of emolib 0.1, .* use a newer")
    with said if refused else nullcontext():
        read_card(path)


@pytest.mark.parametrize("size", [(15, 48), (48, 15)])
def test_a_size_too_small_for_the_network_is_refused(size):
    with pytest.raises(ModelError, match="is too small .* at least 16 x 16."):
        build_cnn(2, size)


def test_a_card_with_other_classes_or_size_than_the_network_is_refused(tmp_path):
    path = save(build_cnn(2), tmp_path / "a.keras", ["angry", "happy", "sad"])
    with pytest.raises(ModelError, match="has 1 output, but its card needs 3"):
        load_model(path)
    path = save(build_cnn(2), tmp_path / "b.keras", image_size=(64, 64))
    with pytest.raises(ModelError, match="its card says"):
        load_model(path)


def test_a_model_without_a_card_answers_when_its_classes_are_named(tmp_path):
    build_cnn(2).save(tmp_path / "old.h5")
    classifier = load_classifier(tmp_path / "old.h5", class_names=["happy", "sad"])
    assert classifier.predict_arrays(IMAGES).shape == (5, 2)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_code_inside_a_model_file_is_refused(tmp_path, suffix):
    import keras

    evil = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            keras.layers.Lambda(lambda x: x * 2),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    path = save(evil, tmp_path / f"evil{suffix}")
    with pytest.raises(ModelError, match="contains program code"):
        load_model(path)


def test_a_file_of_a_newer_keras_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "new.keras", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "99.1.0"}))
        archive.writestr("config.json", "{}")
    ModelCard(["happy", "sad"]).write(tmp_path / "new.keras")
    with pytest.raises(ModelError, match="written by Keras 99.1.0, which is newer than"):
        load_model(tmp_path / "new.keras")


@pytest.mark.parametrize("name", ["emotion_model", "emotion_model_7"])
def test_the_released_models_are_written_by_the_oldest_keras_that_is_allowed(name):
    # a newer Keras reads what an older one wrote, never the other way round
    released = Path(__file__).parent.parent / "models" / f"{name}.keras"
    with zipfile.ZipFile(released) as archive:
        assert json.loads(archive.read("metadata.json"))["keras_version"] == "3.12.1"


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a.onnx", "a.tflite"])
def test_a_damaged_file_ends_in_a_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(b"not a model at all")
    ModelCard(["happy", "sad"]).write(tmp_path / name)
    with pytest.raises(ModelError, match="cannot be read as an? (Keras|ONNX|LiteRT) model"):
        load_classifier(tmp_path / name)


def test_what_is_no_model_ends_in_a_sentence(tmp_path):
    with pytest.raises(ModelError, match="does not exist"):
        read_card(tmp_path / "none.keras")
    with pytest.raises(ModelError, match="not a model file"):
        read_card(tmp_path / "photo.jpg")
