"""Networks of other people: what their inputs and outputs are, with a card and without."""

import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from conftest import FORMATS, IMAGES, SEVEN, one_sentence, small_model
from emolib.inference import load_classifier
from emolib.model import ModelCard, ModelError, export_model, load_model, read_card
from emolib.model.export import write_format

CASES = Path(__file__).parent / "cases" / "models"
MODELS = Path(__file__).parents[1] / "models"
TWO = ["happy", "sad"]


def written(model, folder: Path, to: str = "keras") -> Path:
    """Write a network in a format, without a card."""
    if to == "onnx":
        pytest.importorskip("tf2onnx")
    path = folder / f"m.{to.partition('-')[0]}"
    path.unlink(missing_ok=True)
    write_format(model, ModelCard(TWO), to, path)
    return path


def network(*layers):
    """Return a small network with different last layers."""
    import keras

    start = [keras.Input((48, 48, 1)), *small_model().layers[:-2], keras.layers.Flatten()]
    return keras.Sequential([*start, *layers])


# outputs that are not probabilities


@pytest.mark.parametrize("to", [*FORMATS, "tflite-dynamic-range"])
@pytest.mark.slow
def test_logits_are_not_taken_for_probabilities(tmp_path, to):
    import keras

    path = written(network(keras.layers.Dense(7)), tmp_path, to)
    with pytest.raises(ModelError, match="outputs are not probabilities: end it with a") as error:
        load_classifier(path, SEVEN)
    one_sentence(error, "m.", "softmax layer")


def test_what_is_said_about_logits_helps(tmp_path):
    import keras

    path = CASES / "logits7.keras"
    with pytest.raises(ModelError, match="outputs are not probabilities") as error:
        load_model(path, SEVEN)
    model = keras.saving.load_model(path, compile=False)
    line = str(error.value).partition("(save ")[2].rstrip(".")[:-1]
    eval(line, {"keras": keras, "model": model}).save(tmp_path / "fixed.keras")
    answers = load_classifier(tmp_path / "fixed.keras", SEVEN).predict_arrays(IMAGES)
    logits = model(IMAGES, training=False).numpy()
    assert answers.argmax(axis=1).tolist() == logits.argmax(axis=1).tolist()


def test_other_outputs_that_are_not_probabilities_have_their_own_cause(tmp_path):
    from keras.layers import Dense

    broken = network(Dense(2, activation="softmax"))
    broken.layers[-1].set_weights([np.full_like(w, np.nan) for w in broken.layers[-1].weights])
    for model, says in [
        (network(Dense(1)), "with a sigmoid layer"),
        (network(Dense(2, activation="sigmoid")), "do not sum to 1"),
        (broken, r"missing \(NaN\): its training failed"),
    ]:
        with pytest.raises(ModelError, match=says):
            load_classifier(written(model, tmp_path), TWO)


@pytest.mark.slow
def test_outputs_of_8_bits_are_probabilities_too(tmp_path):
    pytest.importorskip("ai_edge_litert")
    import keras
    import tensorflow as tf

    model = network(keras.layers.Dense(7, activation="softmax", kernel_initializer="zeros"))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in IMAGES)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    (tmp_path / "int8.tflite").write_bytes(converter.convert())
    answers = load_classifier(tmp_path / "int8.tflite", SEVEN).predict_arrays(IMAGES)
    assert answers == pytest.approx(np.full((3, 7), 1 / 7), abs=0.01)


# networks that take pictures of any size


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.slow
def test_a_network_for_any_size_answers_at_the_size_of_its_card(tmp_path, to):
    if to == "onnx" and cv2.__version__ < "5":
        pytest.skip("OpenCV 4 reads no network of an open size")
    source = shutil.copy(CASES / "anysize.keras", tmp_path)
    ModelCard(TWO, (32, 40)).write(source)
    path = source if to == "keras" else export_model(source, to)
    classifier = load_classifier(path)
    images = IMAGES[:, :32, :40]
    expected = load_model(source)[0](images).numpy()
    assert classifier.predict_arrays(images) == pytest.approx(expected, abs=1e-4)
    (tmp_path / "anysize.json").unlink()
    with pytest.raises(ModelError, match="any size, so it needs a card that says which") as error:
        load_classifier(path, TWO)
    one_sentence(error)
    # the line that the sentence gives is the one that helps
    line = str(error.value).partition("write one with emolib.model.")[2].rstrip(".")
    eval(line, {"ModelCard": ModelCard})
    assert load_classifier(path).card.image_size == (48, 48)


def test_a_card_with_a_size_too_small_for_the_network_says_so(tmp_path):
    import keras

    path = tmp_path / "any.keras"
    pixels = keras.Input((None, None, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 5)(pixels))
    keras.Model(pixels, keras.layers.Softmax()(pooled)).save(path)
    ModelCard(TWO, (2, 2)).write(path)
    with pytest.raises(ModelError, match="fails on pictures of 2 x 2 pixels: give a card"):
        load_classifier(path)


def test_a_network_with_several_inputs_or_outputs_is_refused(tmp_path):
    import keras

    inputs = [keras.Input((48, 48, 1)) for _ in range(2)]
    flat = keras.layers.Flatten()(inputs[0])
    several = keras.Model(inputs, keras.layers.Flatten()(keras.layers.Add()(inputs)))
    for model in (several, keras.Model(inputs[0], [flat, flat])):
        model.save(tmp_path / "m.keras")
        with pytest.raises(ModelError, match="does not take pictures and give class probabil"):
            load_classifier(tmp_path / "m.keras", TWO)


# files without a card


@pytest.mark.parametrize("suffix", [".onnx", ".tflite", ".keras"])
def test_a_file_without_a_card_answers_when_its_classes_are_named(tmp_path, suffix):
    if suffix == ".onnx":
        pytest.importorskip("onnx")
    path = shutil.copy(MODELS / f"emotion_model{suffix}", tmp_path)
    classifier = load_classifier(path, class_names=["a", "b", "c"])
    assert (classifier.card.image_size, classifier.card.channels) == ((48, 48), 1)
    with_card = load_classifier(MODELS / f"emotion_model{suffix}")
    assert classifier.predict_arrays(IMAGES) == pytest.approx(with_card.predict_arrays(IMAGES))


@pytest.mark.parametrize("shape", [(1, 40, 48), ("n", 1, 40, 48), ("n", 40, 48, 5)])
def test_an_onnx_file_of_another_program_says_what_does_not_fit(tmp_path, shape):
    onnx = pytest.importorskip("onnx")
    from onnx import helper

    ends = [helper.make_tensor_value_info(name, 1, shape) for name in ("in", "out")]
    node = helper.make_node("Softmax", ["in"], ["out"])
    graph = helper.make_graph([node], "net", ends[:1], ends[1:])
    opset = [helper.make_opsetid("", 13)]
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    with pytest.raises(ModelError, match=r"does not take pictures .* \(n, height, width, 1 or 3\)"):
        load_classifier(path, TWO)


def test_without_onnx_a_card_is_enough(tmp_path, monkeypatch):
    path = shutil.copy(MODELS / "emotion_model.onnx", tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModelError, match="without its card needs onnx: run pip install onnx"):
        load_classifier(path, ["a", "b", "c"])
    shutil.copy(MODELS / "emotion_model.json", tmp_path)
    assert load_classifier(path).predict_arrays(IMAGES).shape == (3, 3)
    ModelCard(["a", "b", "c"], (32, 40)).write(path)
    with pytest.raises(ModelError, match="fails on pictures of 40 x 32 pixels: give a card"):
        load_classifier(path)


@pytest.mark.parametrize("kept", [0, 1000, -1])
def test_an_onnx_file_that_ends_early_is_damaged(tmp_path, kept):
    data = (MODELS / "emotion_model.onnx").read_bytes()[:kept]
    (tmp_path / "cut.onnx").write_bytes(data)
    with pytest.raises(ModelError, match="cannot be read as an ONNX model"):
        load_classifier(tmp_path / "cut.onnx", TWO)


def test_class_names_that_cannot_be_right_are_refused():
    path = MODELS / "emotion_model.onnx"
    with pytest.raises(ModelError, match="the classes of .* happy, neither, sad: leave the class"):
        load_classifier(path, ["sad", "neither", "happy"])
    three = ["happy", "neither", "sad"]
    assert load_classifier(path, three).class_names == three
    alone = CASES / "softmax2.keras"
    for names in (["happy"], ["happy", "happy"]):
        with pytest.raises(ModelError, match="at least two different names"):
            load_classifier(alone, names)
    with pytest.raises(ModelError, match=r"class_names=\[...\] in Python, --classes on the comm"):
        load_classifier(alone)


def test_a_model_without_a_card_is_exported_when_its_classes_are_named(tmp_path):
    path = shutil.copy(CASES / "softmax2.keras", tmp_path)
    made = export_model(path, "h5", class_names=["sad", "happy"])
    for file in (made, path):  # the card that was written is beside both
        assert load_classifier(file).class_names == ["sad", "happy"]
    export_model(CASES / "softmax2.keras", "h5", tmp_path / "c.h5", TWO)
    assert load_classifier(tmp_path / "c.h5").class_names == TWO
    assert read_card(tmp_path / "c.h5").files.keys() == {"c.h5"}
